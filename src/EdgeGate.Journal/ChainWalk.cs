namespace EdgeGate.Journal;

public enum ChainFaultKind
{
    /// <summary>The record's bytes fail their checksum, or carry another number than their place.</summary>
    Broken,

    /// <summary>The number has no record and no void range.</summary>
    Missing,

    /// <summary>The record is whole in itself, but its hash does not follow from the one before: it, or one before it, was altered.</summary>
    Altered,

    /// <summary>The journal ends before the head that the far end knows.</summary>
    CutOff,

    /// <summary>SQLite cannot read on.</summary>
    Unreadable,
}

/// <summary>The first thing that is wrong in a journal.</summary>
public sealed record ChainFault(long Sequence, ChainFaultKind Kind, string Detail);

/// <param name="Records">How many records were whole and in place.</param>
/// <param name="Head">The last good one.</param>
/// <param name="Fault">Null when everything is as it was written.</param>
public sealed record VerifyReport(long Records, ChainHead Head, ChainFault? Fault);

/// <summary>
/// Checks one record after the other against the chain. After records that damage destroyed the next hash cannot be recomputed (it was made
/// from the lost one) and is taken as it stands; everything after it is checked against it.
/// </summary>
internal sealed class ChainWalk(StoreState state, ChainHead? claimed)
{
    private ChainHead _head = new(state.Purged, state.PurgedHash);
    private long _records;

    /// <summary>The number that must come next.</summary>
    public long Expected { get; private set; } = state.Purged + 1;

    public ChainFault? Add(long sequence, byte[] frame)
    {
        var beforeGap = Expected;
        if (sequence != Expected)
            Expected = VoidRange.NextReal(state.VoidRanges, Expected);
        if (sequence != Expected)
            return new ChainFault(Expected, ChainFaultKind.Missing, $"Record {Expected} is missing; record {sequence} comes in its place.");
        if (!RecordFrame.TryDecode(FrameKind.Record, frame, out var record) || record.Sequence != sequence)
            return new ChainFault(sequence, ChainFaultKind.Broken, $"Record {sequence} fails its checksum.");
        var follows = record.Hash == ChainHash.Next(state.Gate, sequence, _head.Hash, record.Payload.Span);
        if (!follows && !state.VoidRanges.Any(range => range.Cause == VoidCause.Damaged && range.First < sequence && range.Last >= beforeGap))
            return new ChainFault(sequence, ChainFaultKind.Altered, $"Record {sequence} does not follow from record {_head.Sequence}: one of the two was altered.");
        _head = new ChainHead(sequence, record.Hash);
        _records++;
        Expected++;
        return claimed is { } known && known.Sequence == sequence && known.Hash != record.Hash
            ? new ChainFault(sequence, ChainFaultKind.Altered, $"Record {sequence} is not the one the far end knows.")
            : null;
    }

    public ChainFault? End() =>
        claimed is { } known && known.Sequence > _head.Sequence
            ? new ChainFault(_head.Sequence + 1, ChainFaultKind.CutOff, $"The journal ends at record {_head.Sequence}; the far end knows {known.Sequence}.")
            : null;

    public VerifyReport Report(ChainFault? fault) => new(_records, _head, fault);
}

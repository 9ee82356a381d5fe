using System.Text.Json;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// How far one gate is complete: its locked row, and how the row changes. Everything from 1 to <see cref="UpTo"/> is here or was passed over on
/// the gate's signed word, and <see cref="Chain"/> is the gate's own hash there. Numbers above it that are here already stand apart.
/// </summary>
internal sealed class GateProgress(int id, GateName name)
{
    private readonly List<Passed> _passed = [];

    public int Id => id;
    public GateName Name => name;
    public P256Key? SigningKey { get; init; }

    /// <summary>Since when and why nothing of this gate counts; null for a gate in good standing.</summary>
    public string? Revoked { get; init; }
    public required long UpTo { get; set; }
    public required byte[] Chain { get; set; }

    /// <summary>The highest number known to have been made.</summary>
    public required long Highest { get; set; }

    /// <summary>How many records above <see cref="UpTo"/> are here.</summary>
    public required int Ahead { get; set; }

    /// <summary>How many dead letters were passed over and have not come since.</summary>
    public required int Letters { get; set; }
    public required long Head { get; set; }
    public byte[]? HeadChain { get; set; }

    /// <summary>Whether the newest tally names numbers that may be passed over.</summary>
    public bool HasSkips { get; set; }

    /// <summary>Since when numbers are missing and nothing moves; null when nothing is missing.</summary>
    public DateTimeOffset? GapSince { get; set; }
    public string? Fault { get; set; }

    /// <summary>What was passed over now.</summary>
    public IReadOnlyList<Passed> PassedOver => _passed;

    /// <param name="IsLetter">It exists and may still come.</param>
    /// <param name="ChainBefore">At the number before <paramref name="First"/>.</param>
    /// <param name="Chain">At <paramref name="Last"/>; of void numbers that of the first record after them, where the chain goes on.</param>
    public sealed record Passed(long First, long Last, string Cause, bool IsLetter, byte[] ChainBefore, byte[] Chain);

    /// <summary>The next record.</summary>
    public void Take(ReadOnlySpan<byte> payload)
    {
        Chain = RecordChain.Next(name, UpTo + 1, Chain, payload);
        Reach(UpTo + 1);
    }

    /// <summary>What the gate says will not come from the next number on; null when it says nothing about it.</summary>
    public static Passed? SkipAt(long next, TallyMessage tally, byte[] chainBefore)
    {
        if (tally.DeadLetters.FirstOrDefault(letter => letter.Sequence == next) is { Chain: { } ownChain } letter)
            return new Passed(next, next, "dead letter: " + letter.Reason, IsLetter: true, chainBefore, Convert.FromHexString(ownChain));
        VoidNumbers? last = null;
        var causes = new List<string>();
        // One void range behind the other is one gap: the chain goes on after the last of them.
        for (var at = next; tally.Void.FirstOrDefault(range => range.From <= at && at <= range.To) is { } range; at = range.To + 1)
        {
            last = range;
            causes.Add(range.Cause);
        }
        return last is { Chain: { } resumed }
            ? new Passed(next, last.To, string.Join(", ", causes.Distinct()), IsLetter: false, chainBefore, Convert.FromHexString(resumed))
            : null;
    }

    public void Pass(Passed skip)
    {
        _passed.Add(skip);
        if (skip.IsLetter)
        {
            Letters++;
            Chain = skip.Chain;
            Reach(skip.Last);
        }
        else
        {
            // The hash that the tally gives is that of the first record behind the void numbers, which its caller has made sure is here.
            Chain = skip.Chain;
            Reach(skip.Last + 1);
        }
    }

    /// <summary>Takes in what the gate says of itself.</summary>
    /// <param name="mustKnow">Up to which number it must have made records, since they were here long before.</param>
    /// <param name="refusedBefore">Its count of refused receipts in the tally before.</param>
    public void Hear(TallyMessage tally, long mustKnow, long refusedBefore)
    {
        Highest = Math.Max(Highest, tally.Made);
        (Head, HeadChain) = (tally.Head, Convert.FromHexString(tally.Chain));
        HasSkips = tally.Void.Count + tally.DeadLetters.Count > 0;
        Fault = tally.Made < mustKnow ? $"it says that it made {tally.Made} records, and {mustKnow} were here before: it began anew, or another gate has its name"
            : tally.PurgedUpTo > UpTo ? $"it has deleted its records up to {tally.PurgedUpTo} after receipts of this center, and here are {UpTo}: was the database restored from a copy?"
            : tally.RefusedReceipts > refusedBefore ? $"it refused {tally.RefusedReceipts - refusedBefore} receipts: the records here are not those it made"
            : null;
        CheckHead();
    }

    /// <summary>To be called when everything of the batch is taken in.</summary>
    public void Settle(DateTimeOffset now, bool moved) =>
        GapSince = UpTo >= Highest ? null : moved ? now : GapSince ?? now;

    /// <exception cref="FormatException">Not a tally.</exception>
    public static TallyMessage ReadTally(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RecordShapes.Default.TallyMessage) is { } tally && IsWhole(tally) ? tally : throw new FormatException("not a tally");
        }
        catch (JsonException malformed)
        {
            throw new FormatException("not a tally", malformed);
        }
    }

    /// <summary>A signature says whose it is, not that it makes sense.</summary>
    private static bool IsWhole(TallyMessage tally) =>
        tally is { Made: >= 0 and <= IncomingRecord.HighestNumber, Void: not null, DeadLetters: not null, Clock: not null } && IsHash(tally.Chain)
        && tally.Void.All(range => range is { Cause: not null } && (range.Chain is null || IsHash(range.Chain)) && range.To < IncomingRecord.HighestNumber)
        && tally.DeadLetters.All(letter => letter is { Reason: not null } && (letter.Chain is null || IsHash(letter.Chain)));

    private static bool IsHash(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigit);

    private void Reach(long sequence)
    {
        UpTo = sequence;
        Highest = Math.Max(Highest, sequence);
        CheckHead();
    }

    private void CheckHead()
    {
        if (UpTo == Head && HeadChain is not null && !Chain.AsSpan().SequenceEqual(HeadChain))
            Fault = $"its chain at record {Head} is not what the records here make: one of them was altered on its way";
    }
}

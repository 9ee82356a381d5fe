using System.Buffers;
using System.Text;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.IdCards;

/// <summary>What the pretend module takes its time for.</summary>
public sealed record SimulatedSamVTiming
{
    public static readonly SimulatedSamVTiming Realistic = new()
    {
        BitsPerSecond = 115200,
        Find = TimeSpan.FromMilliseconds(30),
        Select = TimeSpan.FromMilliseconds(30),
        Read = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>No delays at all.</summary>
    public static readonly SimulatedSamVTiming Instant = new();

    /// <summary>Line speed, at 10 bits a byte; 0 for none.</summary>
    public int BitsPerSecond { get; init; }

    /// <summary>Radio exchange with the card before the first byte of the reply.</summary>
    public TimeSpan Find { get; init; }

    public TimeSpan Select { get; init; }

    public TimeSpan Read { get; init; }
}

/// <summary>A card as it lies on the pretend module.</summary>
public sealed record SimulatedCard(byte[] Text)
{
    public static SimulatedCard Of(IdCard card) => new(IdCardText.Format(card));

    /// <summary>A portrait block of the usual length that shows nobody.</summary>
    public byte[] Photo { get; init; } = new byte[1024];

    public byte[] Fingerprints { get; init; } = [];

    public string? AdditionalAddress { get; init; }

    /// <summary>What the module answers to a read instead of data, such as <see cref="SamVStatus.CardTypeUnknown"/>.</summary>
    public SamVStatus? Refusal { get; init; }
}

/// <summary>
/// The other end of a SAM-V line, behaving like the module: a card that was read is not found again until it was lifted,
/// find and select come before every read. Faults can be set at any time.
/// </summary>
public sealed class SimulatedSamV(IDeviceLine line, SimulatedSamVTiming timing, TimeProvider time)
{
    private const int AdditionalAddressLength = 70;
    private const int ChunkLength = 64; // what a USB bridge hands on at once

    private readonly Lock _lock = new();
    private SimulatedCard? _card;
    private Step _step;

    private enum Step { Lying, Found, Selected, Read }

    public SamVModuleId ModuleId { get; init; } = new(5, 1, 20200101, 99999999, 123456789);

    /// <summary>As some modules do: a card is found as long as it lies there.</summary>
    public bool FindsReadCards { get; set; }

    /// <summary>Older modules take the question for an error.</summary>
    public bool KnowsAdditionalAddress { get; set; } = true;

    /// <summary>Sent before each reply.</summary>
    public byte[] NoiseBeforeReply { get; set; } = [];

    /// <summary>This many of the next replies carry a wrong check byte.</summary>
    public int WrongChecksums { get; set; }

    /// <summary>This many of the next commands go unanswered.</summary>
    public int Silences { get; set; }

    /// <summary>This many of the next reads fail, as when the card is moved.</summary>
    public int FailedReads { get; set; }

    /// <summary>Added once, before the next reply.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>When set, the answer to everything, as of a module that failed its self-test.</summary>
    public SamVStatus? Broken { get; set; }

    /// <summary>How many commands were understood so far.</summary>
    public int Commands { get; private set; }

    public void Place(SimulatedCard card)
    {
        lock (_lock) (_card, _step) = (card, Step.Lying);
    }

    public void Lift()
    {
        lock (_lock) (_card, _step) = (null, Step.Lying);
    }

    /// <summary>Answers until cancelled or the line is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var commands = new FrameReader<ReadOnlySequence<byte>>(
            line.Input, new FrameParser<ReadOnlySequence<byte>>(SamVFrame.DecodeCommand), time);
        while (true)
        {
            var next = await commands.NextAsync(within: null, cancellationToken);
            if (next is { Status: DecodeStatus.Corrupt, Fault: FrameFault.Garbage })
                continue;
            var command = next.Status == DecodeStatus.Complete ? next.Frame.ToArray() : [];
            Commands++;
            var delay = Delay + RadioTime(command);
            Delay = TimeSpan.Zero;
            await Task.Delay(delay, time, cancellationToken);
            var reply = SamVFrame.Encode(next.Status == DecodeStatus.Complete ? Answer(command) : Only(Complaint(next.Fault)));
            if (Silences > 0)
            {
                Silences--;
                continue;
            }
            if (WrongChecksums > 0)
            {
                WrongChecksums--;
                reply[^1] ^= 0x01;
            }
            await SendAsync([.. NoiseBeforeReply, .. reply], cancellationToken);
        }
    }

    private TimeSpan RadioTime(ReadOnlySpan<byte> command) => command switch
    {
        [0x20, 0x01, ..] => timing.Find,
        [0x20, 0x02, ..] => timing.Select,
        [0x30, ..] when _step == Step.Selected => timing.Read,
        _ => TimeSpan.Zero,
    };

    private static SamVStatus Complaint(FrameFault fault) => fault == FrameFault.BadChecksum ? SamVStatus.ChecksumWrong : SamVStatus.LengthWrong;

    private static byte[] Only(SamVStatus status) => With(status, []);

    private static byte[] With(SamVStatus status, ReadOnlySpan<byte> data) => [0, 0, (byte)status, .. data];

    private byte[] Answer(ReadOnlySpan<byte> command)
    {
        if (Broken is { } fault)
            return Only(fault);
        lock (_lock)
        {
            return command switch
            {
                [0x20, 0x01] => Find(),
                [0x20, 0x02] => Select(),
                [0x30, 0x01] => Read(withFingerprints: false),
                [0x30, 0x10] => Read(withFingerprints: true),
                [0x30, 0x03] when KnowsAdditionalAddress => AdditionalAddress(),
                [0x30, 0x05] => _card is not null && _step >= Step.Selected ? With(SamVStatus.Done, new byte[24]) : Only(SamVStatus.ReadFailed),
                [0x10, 0xFF] => Reset(),
                [0x11, 0xFF] or [0x60, <= 4] or [0x61, 0xFF, _] => Only(SamVStatus.Done),
                [0x12, 0xFF] => With(SamVStatus.Done, ModuleId.ToBytes()),
                _ => Only(SamVStatus.CommandWrong),
            };
        }
    }

    private byte[] Find()
    {
        if (_card is null || (_step == Step.Read && !FindsReadCards))
            return Only(SamVStatus.NoCard);
        _step = Step.Found;
        return With(SamVStatus.CardFound, new byte[4]);
    }

    private byte[] Select()
    {
        if (_card is null || _step != Step.Found)
            return Only(SamVStatus.SelectFailed);
        _step = Step.Selected;
        return With(SamVStatus.Done, new byte[8]);
    }

    private byte[] Read(bool withFingerprints)
    {
        if (_card is null || _step != Step.Selected)
            return Only(SamVStatus.ReadFailed);
        if (FailedReads > 0)
        {
            FailedReads--;
            _step = Step.Lying;
            return Only(SamVStatus.ReadFailed);
        }
        if (_card.Refusal is { } refusal)
        {
            _step = Step.Lying;
            return Only(refusal);
        }
        _step = Step.Read;
        return withFingerprints
            ? With(SamVStatus.Done, [.. Length(_card.Text), .. Length(_card.Photo), .. Length(_card.Fingerprints), .. _card.Text, .. _card.Photo, .. _card.Fingerprints])
            : With(SamVStatus.Done, [.. Length(_card.Text), .. Length(_card.Photo), .. _card.Text, .. _card.Photo]);
    }

    private static byte[] Length(byte[] block) => [(byte)(block.Length >> 8), (byte)block.Length];

    private byte[] AdditionalAddress()
    {
        if (_card is null || _step < Step.Selected)
            return Only(SamVStatus.ReadFailed);
        return _card.AdditionalAddress is { } address
            ? With(SamVStatus.Done, Encoding.Unicode.GetBytes(address.PadRight(AdditionalAddressLength / 2)))
            : Only(SamVStatus.ItemEmpty);
    }

    /// <summary>The radio field goes off and on: the card is found anew. (Our assumption; no maker's note says so.)</summary>
    private byte[] Reset()
    {
        _step = Step.Lying;
        return Only(SamVStatus.Done);
    }

    private async ValueTask SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        foreach (var chunk in bytes.Chunk(ChunkLength))
        {
            if (timing.BitsPerSecond > 0)
                await Task.Delay(TimeSpan.FromSeconds(chunk.Length * 10.0 / timing.BitsPerSecond), time, cancellationToken);
            await line.WriteAsync(chunk, cancellationToken);
        }
    }
}

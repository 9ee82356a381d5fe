using System.Runtime.CompilerServices;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Scanners;

/// <summary>When a module looks for codes: the low two bits of zone 0. The others of the four are for a button and for commands.</summary>
public enum Gm65Mode : byte
{
    /// <summary>Always.</summary>
    Continuous = 2,

    /// <summary>When something comes before it.</summary>
    Induction = 3,
}

public sealed record Gm65Options
{
    public Gm65Mode Mode { get; init; } = Gm65Mode.Induction;

    /// <summary>What is around each code.</summary>
    public CodeDecoration Decoration { get; init; } = new();

    /// <summary>How long a module may take to answer.</summary>
    public TimeSpan ReplyWithin { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc cref="LineScannerOptions.GiveUpAfter"/>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="LineScannerOptions.RepeatHoldOff"/>
    public TimeSpan RepeatHoldOff { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>What became of setting a module up.</summary>
public enum Gm65SetUp
{
    AlreadyRight,
    Changed,

    /// <summary>It scans perhaps, but does not understand commands, or not at this speed.</summary>
    NoAnswer,

    /// <summary>It was told, and says on being asked that it is not so.</summary>
    NotTaken,
}

/// <summary>Driver of a GM65 scanner module: set up by its registers at the start, then codes as lines of text. hardware/gm65/README.md</summary>
public sealed class Gm65Scanner(IDeviceLine line, Gm65Options options, TimeProvider time)
{
    private const ushort ModeZone = 0;
    private const byte ModeBits = 0x03;
    private const int Attempts = 3;

    /// <summary>Codes that came while the module was being set up; somebody may stand there already.</summary>
    private const int MaxEarly = 4;

    /// <summary>What was wrong on the line so far.</summary>
    public FrameFaultCounts Faults { get; } = new();

    /// <summary>Raised once, on the reading loop, before the first code.</summary>
    public event Action<Gm65SetUp>? WasSetUp;

    /// <summary>Sets the module up, then gives codes until cancelled. One caller at a time.</summary>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public async IAsyncEnumerable<ScannedCode> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var messages = new FrameReader<Gm65Message>(
            line.Input, new FrameParser<Gm65Message>(new Gm65Framing(ScannerText.Chinese).Decode), time, options.GiveUpAfter);
        var early = new Queue<ScannedCode>();
        var result = await SetUpAsync(messages, early, cancellationToken); // also where nobody wants to hear of it
        WasSetUp?.Invoke(result);

        var repeats = new RepeatFilter(options.RepeatHoldOff, time);
        while (true)
        {
            if (!early.TryDequeue(out var code))
            {
                var next = await messages.NextAsync(within: null, cancellationToken);
                if (next.Status == DecodeStatus.Corrupt)
                    Faults.Add(next.Fault);
                if (next is not { Status: DecodeStatus.Complete, Frame.Reply: null })
                    continue;
                code = next.Frame.Code;
            }
            var bare = options.Decoration.Strip(code);
            if (bare.Text.Length > 0 && !repeats.IsRepeat(bare.Text))
                yield return bare;
        }
    }

    private async ValueTask<Gm65SetUp> SetUpAsync(FrameReader<Gm65Message> messages, Queue<ScannedCode> early, CancellationToken cancellationToken)
    {
        if (await AskAsync(Gm65Frame.Read(ModeZone, 1)) is not [var before])
            return Gm65SetUp.NoAnswer;
        var wanted = (byte)(before & ~ModeBits | (byte)options.Mode);
        if (before == wanted)
            return Gm65SetUp.AlreadyRight;
        await AskAsync(Gm65Frame.Write(ModeZone, wanted));
        if (await AskAsync(Gm65Frame.Read(ModeZone, 1)) is not [var after] || after != wanted)
            return Gm65SetUp.NotTaken;
        await AskAsync(Gm65Frame.Save()); // only when something changed: flash wears out
        return Gm65SetUp.Changed;

        async ValueTask<byte[]?> AskAsync(byte[] command)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                await line.WriteAsync(command, cancellationToken);
                if (await ReplyAsync(messages, early, cancellationToken) is { Status: Gm65Status.Done } reply)
                    return reply.Data.ToArray();
            }
            return null;
        }
    }

    private async ValueTask<Gm65Reply?> ReplyAsync(FrameReader<Gm65Message> messages, Queue<ScannedCode> early, CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        do
        {
            var next = await messages.NextAsync(options.ReplyWithin - time.GetElapsedTime(asked), cancellationToken);
            if (next.Status == DecodeStatus.Corrupt)
                Faults.Add(next.Fault);
            if (next.Status != DecodeStatus.Complete)
                continue;
            if (next.Frame.Reply is { } reply)
                return reply;
            if (early.Count < MaxEarly)
                early.Enqueue(next.Frame.Code);
        }
        while (time.GetElapsedTime(asked) < options.ReplyWithin);
        return null;
    }
}

using System.Buffers;
using System.Security.Cryptography;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.IdCards;

/// <summary>The answer to one command; no status when none came. The data are valid until the next command.</summary>
internal readonly record struct SamVAnswer(SamVStatus? Status, ReadOnlyMemory<byte> Data);

/// <summary>
/// Command and reply, one at a time. Replies carry nothing that ties them to a command, so whatever came before a command
/// is thrown away, and after a lost reply the line must fall silent first.
/// </summary>
internal sealed class SamVExchange(IDeviceLine line, SamVOptions options, FrameFaultCounts faults, TimeProvider time) : IDisposable
{
    // Once a reply came damaged, a good one follows at once (swallowed by a lying header) or not at all.
    private static readonly TimeSpan AfterDamage = TimeSpan.FromMilliseconds(100);

    private readonly FrameReader<SamVReply> _replies = new(line.Input, new FrameParser<SamVReply>(SamVFrame.DecodeReply), time);
    private readonly byte[] _data = new byte[SamVFrame.MaxLength];
    private int _silences;

    /// <summary>Set while the module cannot be used.</summary>
    public ModuleFault? Fault { get; private set; }

    /// <summary>Asks, and asks once more when the module says that the command reached it damaged.</summary>
    public async ValueTask<SamVAnswer> AskAsync(SamVCommand command, TimeSpan within, CancellationToken cancellationToken)
    {
        var answer = await AskOnceAsync(command, within, cancellationToken);
        return answer.Status is SamVStatus.ChecksumWrong or SamVStatus.LengthWrong or SamVStatus.CommandWrong
            ? await AskOnceAsync(command, within, cancellationToken)
            : answer;
    }

    /// <summary>Overwrites the data of the last answer: photo and fingerprints are gone.</summary>
    public void WipeData() => CryptographicOperations.ZeroMemory(_data);

    public void Dispose() => _replies.Dispose();

    private async ValueTask<SamVAnswer> AskOnceAsync(SamVCommand command, TimeSpan within, CancellationToken cancellationToken)
    {
        _replies.Discard();
        await line.WriteAsync(command.Frame, cancellationToken);
        var asked = time.GetTimestamp();
        do
        {
            var next = await _replies.NextAsync(within - time.GetElapsedTime(asked), cancellationToken);
            if (next.Status == DecodeStatus.Complete && command.CanBeAnsweredBy(next.Frame))
                return Answered(next.Frame);
            if (next.Status == DecodeStatus.Corrupt)
            {
                faults.Add(next.Fault);
                var limit = time.GetElapsedTime(asked) + AfterDamage;
                if (next.Fault != FrameFault.Garbage && limit < within)
                    within = limit;
            }
        }
        while (time.GetElapsedTime(asked) < within);

        await SettleAsync(cancellationToken);
        if (++_silences >= options.SilencesUntilOutOfService)
            Fault ??= ModuleFault.Silent;
        return default;
    }

    private SamVAnswer Answered(SamVReply reply)
    {
        _silences = 0;
        Fault = reply.Status switch
        {
            SamVStatus.SelfTestFailed => ModuleFault.SelfTestFailed,
            SamVStatus.NotAuthorised => ModuleFault.NotAuthorised,
            _ => null,
        };
        reply.Data.CopyTo(_data);
        return new(reply.Status, _data.AsMemory(0, (int)reply.Data.Length));
    }

    /// <summary>A late reply must not meet the next command. A line that never falls silent is not waited for longer than a reply.</summary>
    private async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while ((await _replies.NextAsync(options.SettleTime, cancellationToken)).Status != DecodeStatus.NeedMore
            && time.GetElapsedTime(began) < options.ReadReplyWithin) { }
    }
}

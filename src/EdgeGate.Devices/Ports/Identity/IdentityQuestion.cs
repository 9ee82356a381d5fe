using System.Buffers;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Scanners;

namespace EdgeGate.Devices.Ports.Identity;

/// <summary>Asks the device on a line that was just opened who it is.</summary>
/// <returns>The answer in words, always the same for the same device; null when none came.</returns>
public delegate ValueTask<string?> IdentityQuestion(IDeviceLine line, TimeProvider time, CancellationToken cancellationToken);

public static class IdentityQuestions
{
    private const byte VersionZone = 0xE1, VersionLength = 3;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromMilliseconds(400);

    /// <summary>The number of the module, which no other has.</summary>
    public static async ValueTask<string?> SamVModuleAsync(IDeviceLine line, TimeProvider time, CancellationToken cancellationToken)
    {
        using var replies = new FrameReader<SamVReply>(line.Input, new FrameParser<SamVReply>(SamVFrame.DecodeReply), time);
        return await AskAsync(line, replies, SamVCommand.ModuleId.Frame, AnswersWithin, time, SamVModule, cancellationToken);
    }

    internal static string? SamVModule(SamVReply reply)
    {
        Span<byte> data = stackalloc byte[SamVModuleId.Length];
        if (reply.Status != SamVStatus.Done || reply.Data.Length != data.Length)
            return null;
        reply.Data.CopyTo(data);
        return SamVModuleId.TryParse(data, out var id) ? $"card module {id}" : null;
    }

    /// <summary>Hardware and software version (zones E1 to E3): another model or a module of another batch shows, its twin does not.</summary>
    public static async ValueTask<string?> Gm65VersionAsync(IDeviceLine line, TimeProvider time, CancellationToken cancellationToken)
    {
        using var replies = new FrameReader<Gm65Message>(line.Input, new FrameParser<Gm65Message>(new Gm65Framing(ScannerText.Chinese).Decode), time);
        return await AskAsync(
            line, replies, Gm65Frame.Read(VersionZone, VersionLength), AnswersWithin, time,
            message => message.Reply is { Status: Gm65Status.Done, Data: { Length: VersionLength } version } ? $"scanner module version {Convert.ToHexString(version.Span)}" : null,
            cancellationToken);
    }

    /// <summary>Throws away what came before, asks, and takes the first answer that makes sense.</summary>
    internal static async ValueTask<string?> AskAsync<T>(
        IDeviceLine line, FrameReader<T> replies, ReadOnlyMemory<byte> question, TimeSpan within, TimeProvider time, Func<T, string?> say, CancellationToken cancellationToken)
    {
        replies.Discard();
        await line.WriteAsync(question, cancellationToken);
        for (var asked = time.GetTimestamp(); time.GetElapsedTime(asked) < within;)
        {
            var next = await replies.NextAsync(within - time.GetElapsedTime(asked), cancellationToken);
            if (next.Status is DecodeStatus.Complete && say(next.Frame) is { } words)
                return words;
        }
        return null;
    }
}

using EdgeGate.Access;
using EdgeGate.Messages.Commands;
using EdgeGate.Mqtt;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Commands;

internal abstract record CommandVerdict
{
    private CommandVerdict() { }

    /// <summary>Nothing speaks against it. To be obeyed it must be marked used and put on record first.</summary>
    public sealed record Acceptable(GateCommand Command, string KeyId) : CommandVerdict;

    /// <param name="KeyId">Who signed it; null when nobody known did.</param>
    /// <param name="Command">Null when its claims could not be read, or cannot be believed.</param>
    public sealed record Refused(CommandReason Reason, string Words, string? KeyId = null, GateCommand? Command = null) : CommandVerdict;
}

/// <summary>
/// Whether a message on the gate's commands topic is to be obeyed. The broker is not trusted: it may send anything, anew, late and as often
/// as it likes. What protects the portal is the signature, the short life, the single use, and the age of the link.
/// </summary>
internal sealed class CommandJudge(string gate, CommandKeyRing keys, UsedCommandIds used, GateClock clock, TokenBucket rate)
{
    /// <summary>How far the sender's clock may be ahead of ours.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    /// <param name="loggedInAt">Time since boot when the link to the broker came up.</param>
    public CommandVerdict Judge(MqttInbound message, TimeSpan loggedInAt)
    {
        switch (keys.Read(message.Payload.Span))
        {
            case CommandReading.Unusable unusable:
                return new CommandVerdict.Refused(unusable.Reason, unusable.Words, unusable.Key?.Id);
            case CommandReading.Genuine(var command, var key):
                return Objection(command, key, message.Retained, clock.Read(), loggedInAt) is var (reason, words)
                    ? new CommandVerdict.Refused(reason, words, key.Id, command)
                    : new CommandVerdict.Acceptable(command, key.Id);
            case var reading:
                throw new NotSupportedException(reading.ToString());
        }
    }

    private (CommandReason Reason, string Words)? Objection(GateCommand command, CommandKey key, bool retained, ClockReading now, TimeSpan loggedInAt)
    {
        if (command.Gate != gate)
            return (CommandReason.OtherGate, $"it is for gate {Shown(command.Gate)}, and this is {gate}");
        if (retained)
            return (CommandReason.Retained, "it was retained by the broker: commands are for now, send it without the retain flag");
        if (now.Grade is ClockGrade.Unset)
            return (CommandReason.ClockNotSet, "this gate's clock is not set, so it cannot tell an old command from a new one");
        if (!key.IsInTime(DateOnly.FromDateTime(now.Wall.DateTime)))
            return (CommandReason.KeyNotInTime, $"the key {key.Id} does not hold on {now.Wall:yyyy-MM-dd}");
        if (command.IssuedAt > now.Wall + ClockTolerance)
            return (CommandReason.IssuedInFuture, $"it was issued {Seconds(command.IssuedAt - now.Wall)} in the future: one of the two clocks is wrong");
        if (command.Expires <= command.IssuedAt || command.Expires - command.IssuedAt > command.LongestLife)
            return (CommandReason.LivesTooLong, $"it must expire within {command.LongestLife.TotalSeconds:0} s after it was issued");
        if (command.Expires <= now.Wall)
            return (CommandReason.Expired, $"it expired {Seconds(now.Wall - command.Expires)} ago");
        // Both ages end now, so a wall clock that was set after the login does not matter.
        if (now.Wall - command.IssuedAt > now.SinceBoot - loggedInAt)
            return (CommandReason.Queued, "it was issued before this gate was at the broker and waited there: issue a new one");
        if (used.MayBeUsed(command, now.Wall))
            return (CommandReason.UsedBefore, "it was taken before: a command is good for one use");
        if (!used.HasRoom(now.Wall))
            return (CommandReason.IdNotKept, "this gate cannot remember more commands at the moment");
        if (!rate.TryTake())
            return (CommandReason.TooMany, "this gate was sent too many commands: wait a little");
        return null;
    }

    private static string Seconds(TimeSpan span) => $"{span.TotalSeconds:0.0} s";

    private static string Shown(string gate) => gate.Length <= 65 && !gate.Any(char.IsControl) ? gate : "of an impossible name";
}

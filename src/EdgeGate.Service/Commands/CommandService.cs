using System.Text;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Commands;

/// <summary>
/// Takes signed commands from the broker. The order is that of every opening: judged, its id marked used on disk, its record on disk,
/// carried out, answered. A power cut in between costs the command and never makes it work twice.
/// </summary>
internal sealed partial class CommandService(
    CommandJudge judge, UsedCommandIds used, CommandEffects effects, RefusalCounts refusals, RecordKeeper records, EvidenceSeal seal,
    IMqttLink link, GateTopics topics, GateClock clock, TimeProvider time, ILogger<CommandService> log) : BackgroundService
{
    private const int LongestCorrelation = 128;
    private static readonly TimeSpan RefusalsEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReplyWithin = TimeSpan.FromSeconds(2);

    /// <summary>Whoever sends garbage gets a few answers, for the installer with the wrong key; not one for each.</summary>
    private readonly TokenBucket _answersToStrangers = new(capacity: 5, refill: TimeSpan.FromSeconds(10), time);
    private long _loggedInAt = long.MaxValue;

    /// <summary>Subscribes before the uplink, which starts after this, logs in: what waited at the broker finds us, and is refused on record.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        link.Changed += NoteLogin;
        _ = link.SubscribeAsync(topics.Commands, TakeAsync, CancellationToken.None); // answered by an event, and asked again at every login
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var minutes = new PeriodicTimer(RefusalsEvery, time);
        while (await minutes.WaitForNextTickAsync(stoppingToken))
            await RecordRefusalsAsync();
    }

    /// <summary>Stopped after the uplink: nothing comes any more.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RecordRefusalsAsync();
    }

    public override void Dispose()
    {
        seal.Dispose();
        base.Dispose();
    }

    /// <summary>One at a time, as the link delivers them. Not cancelled: a command that was taken is carried to its end.</summary>
    private async ValueTask TakeAsync(MqttInbound message, CancellationToken cancellationToken)
    {
        var takenAt = clock.SinceBoot;
        var verdict = judge.Judge(message, new TimeSpan(Interlocked.Read(ref _loggedInAt)));
        if (verdict is CommandVerdict.Acceptable acceptable && WhyNot(acceptable) is { } refusal)
            verdict = refusal;
        var (reply, afterAnswer) = verdict switch
        {
            CommandVerdict.Acceptable(var command, var keyId) => await ObeyAsync(command, keyId, message.Payload, takenAt),
            CommandVerdict.Refused refused => (await RefuseAsync(refused), null),
            _ => throw new NotSupportedException(verdict.ToString()),
        };
        if (reply.Id is not null || _answersToStrangers.TryTake())
            await AnswerAsync(reply, message.CorrelationData, cancellationToken);
        afterAnswer?.Invoke();
    }

    /// <summary>The last things that can speak against a command; when none does, its id is used up.</summary>
    private CommandVerdict.Refused? WhyNot(CommandVerdict.Acceptable acceptable)
    {
        var (command, keyId) = acceptable;
        if (effects.WhyNot(command, keyId) is { } impossible)
            return new(CommandReason.NotPossible, impossible, keyId, command);
        try
        {
            used.Use(command, clock.Read().Wall);
            return null;
        }
        catch (IOException unwritable)
        {
            return new(CommandReason.IdNotKept, $"that it was used cannot be kept on disk: {unwritable.Message}", keyId, command);
        }
    }

    private async Task<(CommandReply Reply, Action? AfterAnswer)> ObeyAsync(GateCommand command, string keyId, ReadOnlyMemory<byte> token, TimeSpan takenAt)
    {
        using var turn = await effects.TakeTurnAsync(command);
        long record;
        try
        {
            record = await RecordAsync(command, keyId, CommandOutcome.Taken, sealedToken: seal.Seal(token.Span));
        }
        catch (JournalException broken)
        {
            return (await RefuseAsync(new(CommandReason.NotRecorded, $"the journal takes no record: {broken.Message}", keyId, command)), null);
        }
        LogTaken(command.Kind, command.Id, keyId, record);
        var effect = await effects.ApplyAsync(command, record, takenAt);
        if (effect.Failure is not { } failure)
            return (new CommandReply(command.Id, CommandOutcome.Taken, null, effect.Words, record), effect.AfterAnswer);
        LogFailed(command.Id, effect.Words);
        try
        {
            await RecordAsync(command, keyId, CommandOutcome.Failed, failure, effect.Words);
        }
        catch (JournalException broken)
        {
            LogNotRecorded(broken); // that it was taken is on record
        }
        return (new CommandReply(command.Id, CommandOutcome.Failed, failure, effect.Words, record), null);
    }

    private async Task<CommandReply> RefuseAsync(CommandVerdict.Refused refused)
    {
        long? record = null;
        try
        {
            if (refusals.MayHaveOwnRecord(refused))
            {
                LogRefused(refused.Command?.Id, refused.KeyId, refused.Reason, refused.Words);
                record = await RecordAsync(refused.Command, refused.KeyId!, CommandOutcome.Refused, refused.Reason, refused.Words);
            }
        }
        catch (JournalException broken)
        {
            LogNotRecorded(broken);
        }
        if (record is null)
            refusals.Count(refused.Reason);
        return new CommandReply(refused.Command?.Id, CommandOutcome.Refused, refused.Reason, refused.Words, record);
    }

    private ValueTask<long> RecordAsync(
        GateCommand? command, string keyId, CommandOutcome outcome, CommandReason? reason = null, string? cause = null, string? sealedToken = null)
    {
        var now = clock.Read();
        var record = new CommandRecord
        {
            Id = command?.Id,
            Kind = command?.Kind,
            Key = keyId,
            Outcome = outcome,
            Reason = reason,
            Cause = cause,
            Lane = command switch { OpenOnceCommand open => open.Lane, SetModeCommand set => set.Lane, _ => null },
            Mode = (command as SetModeCommand)?.Mode,
            Clock = ClockRecord.From(now),
            Sealed = sealedToken,
        };
        return records.CommandAsync(record, now, CancellationToken.None);
    }

    private async Task RecordRefusalsAsync()
    {
        if (refusals.Take() is not { } summary)
            return;
        LogRefusals(summary.Refused.Sum(count => count.Count), string.Join(", ", summary.Refused.Select(count => $"{count.Reason} {count.Count}")));
        try
        {
            await records.CommandsRefusedAsync(summary, clock.Read(), CancellationToken.None);
        }
        catch (JournalException broken)
        {
            LogNotRecorded(broken);
            foreach (var (reason, count) in summary.Refused)
                refusals.Count(reason, count);
        }
    }

    /// <summary>A reply that the link has no room for in time is lost: the record is what counts, and it goes its own way.</summary>
    private async Task AnswerAsync(CommandReply reply, ReadOnlyMemory<byte> correlation, CancellationToken cancellationToken)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(reply, RecordShapes.Default.CommandReply);
        using var limit = new CancellationTokenSource(ReplyWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (link.State.Phase is MqttLinkPhase.Online && !TryAnswer())
                await link.WaitForRoomAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
        }

        bool TryAnswer() => link.TryPublish(
            new MqttOutgoing
            {
                Topic = Encoding.UTF8.GetBytes(topics.Replies), // always this one: a response topic of the sender's choice could be anybody's
                Payload = payload,
                ContentType = "application/json"u8,
                CorrelationData = correlation.Length <= LongestCorrelation ? correlation.Span : [],
                ExpiresAfter = GateCommand.LongestLifeOfAll,
            },
            UplinkService.NotARecord); // the uplink reads its answer
    }

    private void NoteLogin(MqttLinkEvent change)
    {
        if (change.Kind is MqttLinkEventKind.Up)
            Interlocked.Exchange(ref _loggedInAt, clock.SinceBoot.Ticks);
    }

    [LoggerMessage(LogLevel.Information, "Command {Kind} {Id} of key {Key} is on record {Record}")]
    private partial void LogTaken(string kind, string id, string key, long record);

    [LoggerMessage(LogLevel.Warning, "Command {Id} was taken and failed: {Words}")]
    private partial void LogFailed(string id, string words);

    [LoggerMessage(LogLevel.Warning, "Command {Id} of key {Key} was refused ({Reason}): {Words}")]
    private partial void LogRefused(string? id, string? key, CommandReason reason, string words);

    [LoggerMessage(LogLevel.Warning, "{Count} commands were refused without a record of their own: {Reasons}")]
    private partial void LogRefusals(long count, string reasons);

    [LoggerMessage(LogLevel.Error, "What became of a command could not be recorded")]
    private partial void LogNotRecorded(Exception cause);
}

using System.Runtime.CompilerServices;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.IdCards;

/// <summary>
/// Driver of an ID card reader with a SAM-V module: find, select, read, wait until the card is lifted. A card lying there
/// is read once. hardware/sam-v/README.md
/// </summary>
public sealed class SamVReader(IDeviceLine line, SamVOptions options, TimeProvider time)
{
    /// <summary>What was wrong on the line so far.</summary>
    public FrameFaultCounts Faults { get; } = new();

    /// <summary>Reads cards until cancelled. One caller at a time.</summary>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public async IAsyncEnumerable<IdCardEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var module = new SamVExchange(line, options, Faults, time);
        while (true)
        {
            if (module.Fault is { } fault)
            {
                yield return new ModuleOutOfService(fault);
                await RecoverAsync(module, cancellationToken);
                yield return new ModuleBackInService();
            }
            if (!await FindAsync(module, cancellationToken))
            {
                await Task.Delay(options.PollInterval, time, cancellationToken);
                continue;
            }
            yield return new CardPresent();
            var result = await ReadCardAsync(module, cancellationToken);
            if (result is CardUnreadable)
            {
                yield return result;
                result = await KeepTryingAsync(module, cancellationToken);
            }
            if (result is CardRead)
            {
                yield return result;
                result = await WaitForRemovalAsync(module, cancellationToken) ? new CardRemoved() : null;
            }
            if (result is not null) // null: the module went out of service
                yield return result;
        }
    }

    private async ValueTask<bool> FindAsync(SamVExchange module, CancellationToken cancellationToken)
    {
        var found = await module.AskAsync(SamVCommand.FindCard, options.ReplyWithin, cancellationToken);
        if (NeedsReset(found.Status))
            await module.AskAsync(SamVCommand.Reset, options.ReplyWithin, cancellationToken);
        return found.Status == SamVStatus.CardFound;
    }

    /// <summary>Reads the card just found. Null when the module went out of service over it.</summary>
    private async ValueTask<IdCardEvent?> ReadCardAsync(SamVExchange module, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (status, card) = await SelectAndReadAsync(module, cancellationToken);
            if (card is not null)
                return card;
            switch (status)
            {
                case SamVStatus.CardTypeUnknown:
                    return new CardUnreadable(CardUnreadableCause.NotSupported, status);
                case SamVStatus.CardRefusedModule or SamVStatus.ModuleRefusedCard or SamVStatus.InformationCheckFailed:
                    return new CardUnreadable(CardUnreadableCause.Refused, status);
            }
            await ResetWhereNeededAsync(module, status, cancellationToken);
            if (module.Fault is not null)
                return null;
            if (attempt >= options.ReadAttempts)
                return new CardUnreadable(CardUnreadableCause.ReadFailed, status);
            if (!await FindAgainAsync(module, cancellationToken))
                return module.Fault is null ? new CardUnreadable(CardUnreadableCause.TakenAway, status) : null;
        }
    }

    private async ValueTask<(SamVStatus? Status, IdCardEvent? Result)> SelectAndReadAsync(SamVExchange module, CancellationToken cancellationToken)
    {
        var selected = await module.AskAsync(SamVCommand.SelectCard, options.ReplyWithin, cancellationToken);
        if (selected.Status != SamVStatus.Done)
            return (selected.Status, null);
        var read = options.ReadFingerprints
            ? await module.AskAsync(SamVCommand.ReadCardWithFingerprints, options.ReadReplyWithin * 2, cancellationToken)
            : await module.AskAsync(SamVCommand.ReadCard, options.ReadReplyWithin, cancellationToken);
        if (read.Status != SamVStatus.Done)
            return (read.Status, null);

        var result = Take(read);
        module.WipeData();
        if (result is CardRead card && options.ReadAdditionalAddress)
        {
            var address = await module.AskAsync(SamVCommand.ReadAdditionalAddress, options.ReplyWithin, cancellationToken);
            if (address.Status == SamVStatus.Done && IdCardText.Trimmed(address.Data.Span) is { Length: > 0 } moved)
                result = card with { AdditionalAddress = moved };
            module.WipeData();
        }
        return (read.Status, result);
    }

    /// <summary>Null when lengths inside the reply contradict it.</summary>
    private IdCardEvent? Take(SamVAnswer read)
    {
        if (!SamVCardData.TryParse(read.Data.Span, options.ReadFingerprints, out var data))
        {
            Faults.Add(FrameFault.BadInnerLength);
            return null;
        }
        return IdCardText.TryParse(data.Text, out var card)
            ? new CardRead(card, AdditionalAddress: null, options.KeepPhoto ? data.Photo.ToArray() : default)
            : new CardUnreadable(CardUnreadableCause.NotSupported, read.Status);
    }

    private async ValueTask<bool> FindAgainAsync(SamVExchange module, CancellationToken cancellationToken)
    {
        for (var miss = 0; miss < options.MissesUntilRemoved; miss++)
        {
            if (await FindAsync(module, cancellationToken))
                return true;
            await Task.Delay(options.PollInterval, time, cancellationToken);
        }
        return false;
    }

    /// <summary>
    /// An unreadable card is tried as long as a card is found: it may come to lie better, or another may take its place between
    /// two looks. Said is only what comes of it: <see cref="CardRead"/>, <see cref="CardRemoved"/>, or null when the module went out of service.
    /// </summary>
    private async ValueTask<IdCardEvent?> KeepTryingAsync(SamVExchange module, CancellationToken cancellationToken)
    {
        for (var misses = 0; misses < options.MissesUntilRemoved;)
        {
            await Task.Delay(options.PollInterval, time, cancellationToken);
            var found = await module.AskAsync(SamVCommand.FindCard, options.ReplyWithin, cancellationToken);
            if (found.Status == SamVStatus.CardFound)
            {
                misses = 0;
                var (status, card) = await SelectAndReadAsync(module, cancellationToken);
                if (card is CardRead)
                    return card;
                await ResetWhereNeededAsync(module, status, cancellationToken);
            }
            else if (found.Status is not null) // silence proves nothing
            {
                misses++;
            }
            if (module.Fault is not null)
                return null;
        }
        return new CardRemoved();
    }

    /// <summary>
    /// True when the card was lifted, false when the module went out of service. A module does not find a card that it has
    /// read, so "no card" alone proves nothing; neither does silence.
    /// </summary>
    private async ValueTask<bool> WaitForRemovalAsync(SamVExchange module, CancellationToken cancellationToken)
    {
        var probe = options.RemovalProbe == CardRemovalProbe.AdditionalAddress ? SamVCommand.ReadAdditionalAddress : SamVCommand.FindCard;
        var misses = 0;
        while (misses < options.MissesUntilRemoved)
        {
            await Task.Delay(options.PollInterval, time, cancellationToken);
            var answer = await module.AskAsync(probe, options.ReplyWithin, cancellationToken);
            if (module.Fault is not null)
                return false;
            switch (answer.Status)
            {
                case null:
                    break;
                case SamVStatus.Done or SamVStatus.ItemEmpty or SamVStatus.CardFound:
                    misses = 0;
                    break;
                case SamVStatus.CommandWrong:
                    probe = SamVCommand.FindCard; // this module does not know the question
                    break;
                default:
                    misses++;
                    break;
            }
        }
        return true;
    }

    /// <summary>When the reply was lost or made no sense, the module believes the card read and would not find it again.</summary>
    private async ValueTask ResetWhereNeededAsync(SamVExchange module, SamVStatus? status, CancellationToken cancellationToken)
    {
        if (status is null or SamVStatus.Done || NeedsReset(status))
            await module.AskAsync(SamVCommand.Reset, options.ReplyWithin, cancellationToken);
    }

    private async ValueTask RecoverAsync(SamVExchange module, CancellationToken cancellationToken)
    {
        while (module.Fault is not null)
        {
            await Task.Delay(options.RecoveryInterval, time, cancellationToken);
            await module.AskAsync(SamVCommand.ModuleStatus, options.ReplyWithin, cancellationToken);
        }
    }

    private static bool NeedsReset(SamVStatus? status) =>
        status is SamVStatus.NotPermitted or SamVStatus.UnknownError or SamVStatus.RandomNumberFailed;
}

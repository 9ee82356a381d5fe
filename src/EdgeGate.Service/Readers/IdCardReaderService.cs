using EdgeGate.Access;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers;

/// <summary>Brings what one ID card reader reads to the lane.</summary>
internal sealed class IdCardReaderService(SamVReaderSettings settings, IDevicePort port, LaneInputs lane, DeviceBoard board, TimeProvider time)
    : BackgroundService
{
    private readonly DeviceConnection _connection = board.Connect(settings.Id, port);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _connection.RunAsync(ReadAsync, stoppingToken);

    private async Task ReadAsync(IDeviceLine line, CancellationToken stopping)
    {
        if (Who is { } who && _connection.Status is { State: DeviceState.Connected, Reconnects: var reconnects }) // a line that keeps breaking is not called that
            board.Tell(settings.Id, DeviceState.Connected, $"{port.Name} is open{who}", reconnects);
        var reader = new SamVReader(line, Drivers.OptionsOf(settings), time);
        await foreach (var happened in reader.ReadAsync(stopping))
        {
            switch (happened)
            {
                case CardPresent:
                    lane.CardOnReader();
                    break;
                case CardRead(var card, var address, var photo):
                    var credential = CredentialOf(card) with { Photo = photo.IsEmpty ? null : Convert.ToBase64String(photo.Span), AdditionalAddress = address };
                    await lane.PresentAsync(settings.Id, credential, stopping);
                    break;
                case CardUnreadable(var cause, _):
                    await lane.PresentAsync(settings.Id, new Credential.Unreadable(WordFor(cause)), stopping);
                    break;
                case ModuleOutOfService(var fault):
                    _connection.Report(fault is ModuleFault.Silent ? DeviceState.Silent : DeviceState.Faulty, InWords(fault, reader.Faults.Total));
                    break;
                case ModuleBackInService:
                    _connection.Report(DeviceState.Connected, $"the card module answers again{Who}");
                    break;
            }
        }
    }

    /// <summary>The module's own number, which no other has: whoever looks sees which module it is.</summary>
    private string? Who => port is IdentifiedPort { Found.Answer: { } who } ? $", it is {who}" : null;

    private static Credential.IdCard CredentialOf(IdCard card) =>
        new(card.Number, card.HolderName, card.ValidFrom.Date, card.ValidTo.Date, card.ValidTo.IsLongTerm)
        {
            HasCitizenNumber = card is not ForeignerIdCard2017,
        };

    private static string WordFor(CardUnreadableCause cause) => cause switch
    {
        CardUnreadableCause.NotSupported => "card-not-supported",
        CardUnreadableCause.Refused => "card-refused",
        CardUnreadableCause.TakenAway => "card-taken-away",
        _ => "read-failed",
    };

    private string InWords(ModuleFault fault, long damaged) => fault switch
    {
        ModuleFault.Silent => $"{port.Name} is open but the card module does not answer: is the reader powered, is the speed {settings.Baud} right?{(damaged > 0 ? $" Noise came: {damaged} damaged pieces" : "")}",
        ModuleFault.NotAuthorised => "the card module says it is not authorised: it must be replaced",
        _ => "the card module failed its self-test: unplug the reader for ten seconds; if it stays, replace it",
    };
}

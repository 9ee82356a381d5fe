using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Readers.Osdp;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Hardware;

/// <summary>What one device reads, in words for an installer, by the driver that the gate itself uses; and how its line is doing.</summary>
/// <param name="say">One call at a time.</param>
internal sealed class DeviceReadings(TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan NoiseEvery = TimeSpan.FromSeconds(2);

    private long _noiseSaid;

    /// <summary>Until cancelled. A port that is held, absent or not permitted is said, and tried again, as by the gate.</summary>
    public Task WatchAsync(DeviceSettings device, IDevicePort port, CancellationToken stopping) => device switch
    {
        OsdpReaderSettings osdp => WatchAsync(osdp, port, stopping),
        _ => new DeviceConnection(device.Id, port, time, SayStatus).RunAsync((line, stop) => ListenAsync(device, line, stop), stopping),
    };

    public Task WatchAsync(I2cThermometerSettings chip, CancellationToken stopping) => new DeviceConnection<II2cDevice>(chip.Id, Drivers.PortOf(chip), time, SayStatus)
        .RunAsync((bus, stop) => ListenAsync(Drivers.ThermometerOf(chip, bus, time), stop), stopping);

    public Task WatchAsync(WiegandReaderSettings wiegand, CancellationToken stopping) => new DeviceConnection<IGpioLines>(wiegand.Id, Drivers.PortOf(wiegand, time), time, SayStatus)
        .RunAsync((lines, stop) => ListenAsync(new WiegandReader(lines, wiegand.ToOptions(), time), wiegand.Order, stop), stopping);

    private async Task ListenAsync(WiegandReader reader, WiegandOrder order, CancellationToken stopping)
    {
        await foreach (var read in reader.ReadAsync(stopping))
            say(read.Card is { } card ? Words(card, order) : $"{read.Bits} pulses that are no card: {read.Fault}");
    }

    /// <summary>With what it would be in the other orders: whoever compares it with what is printed on the card sees which one to set.</summary>
    internal static string Words(WiegandCard card, WiegandOrder order) =>
        $"card {CardCode.Of(card).Text}, {card.Bits} bits; with order " + string.Join(", ", Enum.GetValues<WiegandOrder>().Where(other => other != order)
            .Select(other => $"{JsonNamingPolicy.KebabCaseLower.ConvertName(other.ToString())} {CardCode.Of(card.SentAs(order).SentAs(other)).Text}"));

    private async Task ListenAsync(DeviceSettings device, IDeviceLine line, CancellationToken stopping)
    {
        switch (device)
        {
            case SamVReaderSettings samV:
                await foreach (var happened in new SamVReader(line, Drivers.OptionsOf(samV), time).ReadAsync(stopping))
                    say(Words(happened));
                break;
            case ICodeScanner scanner:
                var codes = Drivers.CodesOf(scanner, line, time, result => say($"set up: {result}"));
                await using (time.CreateTimer(_ => SayNoise(codes.Faults), null, NoiseEvery, NoiseEvery))
                {
                    await foreach (var code in codes.ReadAsync(stopping))
                        say($"code of {code.Text.Length} characters: {Printable(code.Text)}");
                }
                break;
            case SerialThermometerSettings thermometer:
                await ListenAsync(Drivers.ThermometerOf(thermometer, line, time), stopping);
                break;
            default:
                say("it is listened to, and says nothing of itself: any byte sent to it may mean open");
                while (await line.Input.ReadAsync(stopping) is { IsCompleted: false } heard)
                    line.Input.AdvanceTo(heard.Buffer.End);
                break;
        }
    }

    private async Task ListenAsync(IThermometer thermometer, CancellationToken stopping)
    {
        thermometer.TroubleChanged += trouble => say(trouble is null ? "it measures again" : $"{trouble.State}: {trouble.Cause}");
        await foreach (var reading in thermometer.ReadAsync(stopping))
            say($"{reading.Surface} before it, {reading.Ambient} around it{(thermometer.Faults.Total is > 0 and var faults ? $"; {faults} damaged so far" : "")}");
    }

    private Task WatchAsync(OsdpReaderSettings osdp, IDevicePort port, CancellationToken stopping)
    {
        var key = default(OsdpKey);
        if (osdp.KeyFile is { } file && OsdpKeyFile.Read(file) is var (read, fault))
        {
            if (fault is not null)
                say(fault);
            key = read;
        }
        var peripheral = new OsdpPeripheral(new OsdpPeripheralOptions { Address = (byte)osdp.Address, Key = key }, time, happened => say(Words(happened)));
        return new OsdpBus(new DeviceConnection(osdp.Id, port, time, SayStatus), osdp.Baud, [peripheral], time).RunAsync(stopping);
    }

    private void SayNoise(FrameFaultCounts faults)
    {
        if (faults.Total is var total && total == _noiseSaid)
            return;
        say($"{total - _noiseSaid} pieces that are no code: noise, or another speed");
        _noiseSaid = total;
    }

    private void SayStatus(DeviceStatus status) => say($"{status.State}: {status.Cause}");

    /// <summary>Of a card no more than the kiosk would show: the screen may be read by others.</summary>
    private static string Words(IdCardEvent happened) => happened switch
    {
        CardPresent => "a card is being read",
        CardRead(var card, var address, _) =>
            $"card of {MaskedName.Of(card.HolderName)}, number {card.Number[..Math.Min(6, card.Number.Length)]}…, valid to {card.ValidTo}{(address is null ? "" : ", with an additional address")}",
        CardUnreadable(var cause, var status) => $"a card that cannot be read: {cause} ({status})",
        CardRemoved => "the card was lifted",
        ModuleOutOfService(var fault) => $"the module is out of service: {fault}",
        _ => "the module is back",
    };

    private static string Words(OsdpEvent happened) => happened switch
    {
        OsdpEvent.StatusChanged(var status) => $"{status.State}: {status.Cause}",
        OsdpEvent.CardRead(var card) => OsdpReaderService.CredentialOf(card) is Credential.Code code ? $"card {code.Text}" : $"a card of {card.Bits} that is of no known format",
        OsdpEvent.KeysPressed(var keys) => $"{keys.Keys.Length} keys were pressed",
        OsdpEvent.LocalStatus(var tampered, var powerFailed) => $"housing {(tampered ? "open" : "closed")}, power {(powerFailed ? "failed" : "good")}",
        _ => happened.GetType().Name,
    };

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));
}

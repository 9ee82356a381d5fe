using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Service.Simulation;

internal sealed class CardReaderPeer(TimeProvider time) : ISimulatedPeer
{
    private SimulatedSamV? _module;

    public string Kind => "sam-v";
    public int Baud => 115200;
    public string MoreSettings => "";
    public string Commands => "show NAME [NUMBER] (lays an invented person's card down, such as 测试一), lift";

    public Task RunAsync(IDeviceLine line, CancellationToken stopping) => (_module = new SimulatedSamV(line, SimulatedSamVTiming.Realistic, time)).RunAsync(stopping);

    public ValueTask<string?> DoAsync(string command, string rest, CancellationToken cancellationToken)
    {
        switch (command, rest.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            case ("show", [var name, .. var number]):
                var card = CardOf(name, number is [var given] ? given : NumberOf(name));
                _module?.Place(SimulatedCard.Of(card));
                return ValueTask.FromResult<string?>($"the card of {card.Name}, {card.Number}, lies on the reader");
            case ("lift", []):
                _module?.Lift();
                return ValueTask.FromResult<string?>("no card lies on the reader");
            default:
                return ValueTask.FromResult<string?>(null);
        }
    }

    /// <summary>Region 999999 does not exist; the same name has the same number each time.</summary>
    private static string NumberOf(string name)
    {
        var seventeen = $"99999919900101{name.Aggregate(7, (hash, letter) => (hash * 31 + letter) % 1000):000}";
        return seventeen + Iso7064Mod112.CheckCharacter(seventeen);
    }

    private static ResidentIdCard CardOf(string name, string number) => new()
    {
        Name = name,
        SexCode = "1",
        EthnicGroupCode = "01",
        BirthDate = new(number is { Length: 18 } ? number[6..14] : "19900101"),
        Address = "测试省测试市测试路一号",
        Number = number,
        Issuer = "测试市公安局",
        ValidFrom = new("20200101"),
        ValidTo = CardDate.LongTerm,
    };
}

internal sealed class ScannerPeer(TimeProvider time) : ISimulatedPeer
{
    private SimulatedLineScanner? _scanner;

    public string Kind => "line-scanner";
    public int Baud => 9600;
    public string MoreSettings => "";
    public string Commands => "show CODE";

    public async Task RunAsync(IDeviceLine line, CancellationToken stopping)
    {
        _scanner = new SimulatedLineScanner(line, time);
        while (await line.Input.ReadAsync(stopping) is { IsCompleted: false } heard) // it is told nothing
            line.Input.AdvanceTo(heard.Buffer.End);
    }

    public async ValueTask<string?> DoAsync(string command, string rest, CancellationToken cancellationToken)
    {
        if (command is not "show" || rest.Length == 0)
            return null;
        await (_scanner?.ScanAsync(rest, cancellationToken) ?? ValueTask.CompletedTask);
        return $"{rest} was scanned";
    }
}

/// <summary>A scanner module that is told how to work.</summary>
/// <param name="start">Makes the module on a line; gives what shows it a code, and its run.</param>
internal sealed class ModulePeer(string kind, Func<IDeviceLine, ModulePeer.Module> start) : ISimulatedPeer
{
    private Module? _module;

    internal sealed record Module(Func<string, CancellationToken, ValueTask> ScanAsync, Func<CancellationToken, Task> RunAsync);

    public static ModulePeer Gm65(TimeProvider time) => new("gm65", line =>
    {
        var module = new SimulatedGm65(line, time);
        return new Module(module.ScanAsync, module.RunAsync);
    });

    public static ModulePeer Gm67(TimeProvider time) => new("gm67", line =>
    {
        var module = new SimulatedGm67(line, time);
        return new Module(module.ScanAsync, module.RunAsync);
    });

    public string Kind => kind;
    public int Baud => 9600;
    public string MoreSettings => "";
    public string Commands => "show CODE";

    public Task RunAsync(IDeviceLine line, CancellationToken stopping) => (_module = start(line)).RunAsync(stopping);

    public async ValueTask<string?> DoAsync(string command, string rest, CancellationToken cancellationToken)
    {
        if (command is not "show" || rest.Length == 0)
            return null;
        await (_module?.ScanAsync(rest, cancellationToken) ?? ValueTask.CompletedTask);
        return $"{rest} was scanned";
    }
}

internal sealed class OsdpPeer(TimeProvider time, Action<string> say) : ISimulatedPeer
{
    private const byte Address = 1;
    private SimulatedOsdpPeripheral? _reader;

    public string Kind => "osdp";
    public int Baud => 9600;
    public string MoreSettings => $", \"address\": {Address}";
    public string Commands => "show FACILITY,CARD (a 26 bit card such as 99,12345), press KEYS, open (its housing), close";

    public async Task RunAsync(IDeviceLine line, CancellationToken stopping)
    {
        _reader = new SimulatedOsdpPeripheral(Address, time);
        var serving = new SimulatedOsdpLine([_reader], time).RunAsync(line, stopping);
        var told = 0;
        while (!serving.IsCompleted)
        {
            foreach (var order in _reader.Obeyed.Skip(told))
                say($"told: {order.Code}");
            told = _reader.Obeyed.Count;
            await Task.WhenAny(serving, Task.Delay(TimeSpan.FromMilliseconds(200), time, stopping));
        }
        await serving;
    }

    public ValueTask<string?> DoAsync(string command, string rest, CancellationToken cancellationToken)
    {
        string? done = null;
        switch (command)
        {
            case "show" when rest.Split(',') is [var facility, var card]
                && byte.TryParse(facility, CultureInfo.InvariantCulture, out var series) && ushort.TryParse(card, CultureInfo.InvariantCulture, out var number):
                _reader?.PresentCard(new WiegandCard(26, (uint)series << 16 | number).Encode());
                done = $"card {series:000},{number:00000} was shown";
                break;
            case "press" when rest.Length > 0 && rest.All(key => char.IsAsciiDigit(key) || key is '*' or '#'):
                _reader?.Press(rest);
                done = $"{rest} was pressed";
                break;
            case "open" or "close" when rest.Length == 0:
                _reader?.Tampered = command is "open";
                done = $"its housing is {(command is "open" ? "open" : "closed")}";
                break;
        }
        return ValueTask.FromResult(done);
    }
}

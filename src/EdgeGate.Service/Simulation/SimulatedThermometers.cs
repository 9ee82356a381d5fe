using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Service.Simulation;

/// <summary>A thermometer on a serial line, whichever: somebody stands before it, or nobody does.</summary>
/// <param name="start">Makes the device on a line; gives what sets its person and its surroundings, and its run.</param>
internal sealed class ThermometerPeer(string kind, string moreSettings, Func<IDeviceLine, ThermometerPeer.Device> start) : ISimulatedPeer
{
    private Device? _device;

    internal sealed record Device(Action<Celsius?> Person, Action<Celsius> Ambient, Func<CancellationToken, Task> RunAsync);

    public string Kind => kind;
    public int Baud => 9600;
    public string MoreSettings => moreSettings;
    public string Commands => "36.5 (somebody with this skin temperature stands before it), away, ambient 25.0";

    public static ThermometerPeer GyMcu90614(TimeProvider time) => new("gy-mcu90614", "", line =>
    {
        var board = new SimulatedGyMcu90614(line, time);
        return new Device(person => board.Person = person, ambient => board.Ambient = ambient, board.RunAsync);
    });

    public static ThermometerPeer Gy614(TimeProvider time) => new("gy-614", "", line =>
    {
        var board = new SimulatedGy614(line, time);
        return new Device(person => board.Person = person, ambient => board.Ambient = ambient, board.RunAsync);
    });

    public static ThermometerPeer Modbus() => new("modbus", ", \"slave\": 1, \"surface\": 0, \"ambient\": 1", line =>
    {
        var slave = new SimulatedModbusThermometer(line, new ModbusRegisterMap { Slave = 1, Surface = 0, Ambient = 1 });
        return new Device(person => slave.Person = person, ambient => slave.Ambient = ambient, slave.RunAsync);
    });

    public Task RunAsync(IDeviceLine line, CancellationToken stopping) => (_device = start(line)).RunAsync(stopping);

    public ValueTask<string?> DoAsync(string command, string rest, CancellationToken cancellationToken)
    {
        string? done = null;
        if (command is "away" && rest.Length == 0)
        {
            _device?.Person(null);
            done = "nobody stands before it";
        }
        else if (command is "ambient" && Temperature(rest) is { } ambient)
        {
            _device?.Ambient(ambient);
            done = $"it is {ambient} around it";
        }
        else if (rest.Length == 0 && Temperature(command) is { } skin)
        {
            _device?.Person(skin);
            done = $"somebody of {skin} stands before it";
        }
        return ValueTask.FromResult(done);
    }

    private static Celsius? Temperature(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var degrees) && degrees is > -100 and < 400
            ? Celsius.From(degrees) : null;
}

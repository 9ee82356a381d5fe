using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Devices.Ports;

/// <summary>What answered on a port.</summary>
/// <param name="Kind">As in the settings.</param>
public sealed record ProbeFinding(string Kind, int Baud, string Words);

/// <summary>
/// Finds out what is on a serial port by asking in ways that no known device takes for an order (SAM-V: state and number of the module; GY-MCU90614: one reading;
/// GM65: read a register). Relays and text controllers answer nothing and are not asked: to them any byte may mean open.
/// </summary>
/// <param name="portAt">Makes the port at a speed.</param>
public sealed class PortProbe(Func<int, IDevicePort> portAt, TimeProvider time)
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromMilliseconds(400);

    private sealed record Attempt(string Kind, int[] Speeds, Func<IDeviceLine, TimeProvider, CancellationToken, Task<string?>> Try);

    private static readonly Attempt[] Attempts =
    [
        new("sam-v", [115200, 9600], AskCardModuleAsync),
        new("gy-mcu90614", [9600, 115200], AskThermometerAsync),
        new("gm65", [9600, 115200], AskScannerAsync),
    ];

    /// <returns>What answered first; null when nothing did.</returns>
    /// <exception cref="DevicePortException">The port cannot be opened.</exception>
    /// <exception cref="DeviceLineLostException">The device was unplugged.</exception>
    public async Task<ProbeFinding?> FindAsync(CancellationToken cancellationToken)
    {
        foreach (var attempt in Attempts)
        {
            foreach (var baud in attempt.Speeds)
            {
                await using var line = await portAt(baud).OpenAsync(cancellationToken);
                if (await attempt.Try(line, time, cancellationToken) is { } words)
                    return new ProbeFinding(attempt.Kind, baud, words);
            }
        }
        return null;
    }

    private static async Task<string?> AskThermometerAsync(IDeviceLine line, TimeProvider time, CancellationToken cancellationToken)
    {
        using var replies = new FrameReader<TemperatureReading>(line.Input, new FrameParser<TemperatureReading>(GyMcu90614Frame.Decode), time);
        return await IdentityQuestions.AskAsync(line, replies, GyMcu90614Command.OneReading, AnswersWithin, time, reading => $"a thermometer: {reading.Surface} before it, {reading.Ambient} around it", cancellationToken);
    }

    private static async Task<string?> AskCardModuleAsync(IDeviceLine line, TimeProvider time, CancellationToken cancellationToken)
    {
        using var replies = new FrameReader<SamVReply>(line.Input, new FrameParser<SamVReply>(SamVFrame.DecodeReply), time);
        if (await IdentityQuestions.AskAsync(line, replies, SamVCommand.ModuleStatus.Frame, AnswersWithin, time, reply => $"an ID card module, which says {reply.Status}", cancellationToken) is not { } words)
            return null;
        var who = await IdentityQuestions.AskAsync(line, replies, SamVCommand.ModuleId.Frame, AnswersWithin, time, IdentityQuestions.SamVModule, cancellationToken);
        return who is null ? $"{words} and not its number" : $"{words}: {who}";
    }

    private static async Task<string?> AskScannerAsync(IDeviceLine line, TimeProvider time, CancellationToken cancellationToken)
    {
        using var replies = new FrameReader<Gm65Message>(line.Input, new FrameParser<Gm65Message>(new Gm65Framing(ScannerText.Chinese).Decode), time);
        return await IdentityQuestions.AskAsync(line, replies, Gm65Frame.Read(zone: 0, count: 1), AnswersWithin, time, message => message.Reply is null ? null : "a code scanner that has registers", cancellationToken);
    }
}

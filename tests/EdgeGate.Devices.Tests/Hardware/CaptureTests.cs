using System.Buffers;
using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Devices.Tests.Hardware;

/// <summary>What hardware/&lt;model&gt;/captures shows installers is what the decoders make of it.</summary>
public class CaptureTests
{
    [Fact]
    public void Mlx90614() => Check("mlx90614", "readings.txt", (asked, reply) =>
        !SmBusWord.TryDecode(Mlx90614Options.UsualAddress, asked[0], reply, out var word) ? "bad-checksum"
        : !Mlx90614Word.TryDecode(word, out var celsius) ? "sensor-error"
        : Number(celsius));

    [Fact]
    public void Amg8833() => Check("amg8833", "picture.txt", (asked, reply) => asked[0] is Amg8833Register.Thermistor
        ? $"thermistor {Number(ThermalGrid.DecodeThermistor(reply))}"
        : $"hottest {Number(ThermalGrid.Decode(reply).HottestSpot())}; presence {(ThermalGrid.Decode(reply).ShowsPresence(new Celsius(2_00), pixels: 4) ? "yes" : "no")}");

    [Fact]
    public void Gy614() => Check("gy-614", "reading.txt", (asked, reply) =>
    {
        Assert.Equal(Gy614Frame.Query.ToArray(), asked);
        return Decode(new FrameParser<Gy614Reading>(Gy614Frame.Decode), reply, reading => $"{Number(reading.Temperature.Surface)} {Number(reading.Temperature.Ambient)}");
    });

    [Fact]
    public void Modbus() => Check("modbus-thermometer", "exchange.txt", (asked, reply) =>
    {
        var request = new ModbusRequest(1, ModbusFunction.ReadHoldingRegisters, 0, 1);
        Assert.Equal(request.Encode(), asked);
        return Decode(new ModbusFrame(request).Parser, reply, answer =>
            answer.Exception is { } code ? $"exception {code}" : Number(Celsius.From((short)answer.Registers[0] * 0.1m)));
    });

    [Fact]
    public void TextPortal()
    {
        var commands = new TextCommands(TextTemplate.Parse("OPEN {credential}\\n"), TextTemplate.Parse("CLOSE\\n"));
        var order = ReadOnlyMemory<byte>.Empty;
        foreach (var line in Lines("text-portal", "orders.txt"))
        {
            if (line[0] == '>')
                order = line[2..] is "close" ? commands.Close : commands.Open(line[2..].Replace("\\n", "\n", StringComparison.Ordinal));
            else
                Assert.Equal(Convert.ToHexString(order.Span), line[2..].Replace(" ", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void GpioPortal()
    {
        var options = new SupervisionOptions { HasDoorContact = true, HasPassageSensor = true };
        var (portal, known, expected) = (PortalSupervision.Start, new List<string>(), new List<string>());
        foreach (var line in Lines("gpio-portal", "stories.txt"))
        {
            if (line.StartsWith("story", StringComparison.Ordinal))
                portal = PortalSupervision.Start;
            else if (line[0] == '=')
                expected.Add(line[2..]);
            else
            {
                (portal, var events) = portal.Apply(Input(line.Split(' ')), options);
                known.AddRange(events.Select(Words));
            }
        }
        Assert.Equal(expected, known);
    }

    private static SupervisionInput Input(string[] words)
    {
        var at = TimeSpan.FromSeconds(double.Parse(words[0], CultureInfo.InvariantCulture));
        return words[1..] switch
        {
            ["door", var state] => new SupervisionInput.DoorMoved(state is "open", at),
            ["beam", var state] => new SupervisionInput.PassageSensed(state is "on", at),
            ["grant", var grant] => new SupervisionInput.Granted(long.Parse(grant, CultureInfo.InvariantCulture), at),
            ["free"] => new SupervisionInput.Freed(true, at),
            ["locked"] => new SupervisionInput.Freed(false, at),
            ["time"] => new SupervisionInput.TimePassed(at),
            _ => throw new FormatException(string.Join(' ', words)),
        };
    }

    private static string Words(PortalEvent happened) => string.Create(CultureInfo.InvariantCulture, $"{happened switch
    {
        PortalEvent.PassageTaken(var grant, _) => $"taken {grant}",
        PortalEvent.PassageNotTaken(var grant, _) => $"not-taken {grant}",
        PortalEvent.Tailgated(var grant, _) => $"tailgated {grant}",
        PortalEvent.ForcedOpen => "forced-open",
        PortalEvent.HeldOpen => "held-open",
        PortalEvent.ClosedAgain => "closed-again",
        _ => happened.ToString(),
    }} at {happened.At.TotalSeconds}");

    private static string Decode<T>(FrameParser<T> parser, byte[] reply, Func<T, string> describe)
    {
        var (buffer, found, expired) = (new ReadOnlySequence<byte>(reply), new List<string>(), false);
        while (true)
        {
            var next = parser.Next(ref buffer);
            if (next.Status is DecodeStatus.NeedMore && !expired)
                (next, expired) = (parser.Expire(ref buffer), true);
            if (next.Status is DecodeStatus.NeedMore)
                return string.Join(' ', found);
            found.Add(next.Status is DecodeStatus.Complete
                ? describe(next.Frame)
                : System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(next.Fault.ToString()));
        }
    }

    /// <summary>Questions (>) with the bytes that came back (&lt;, on one line or several) and what they mean (=).</summary>
    private static void Check(string model, string file, Func<byte[], byte[], string> meaning)
    {
        var (asked, reply, expected) = (Array.Empty<byte>(), new List<byte>(), new List<string>());
        foreach (var line in Lines(model, file).Append("> 00"))
        {
            if (line[0] == '=')
                expected.Add(line[2..]);
            else if (line[0] == '<')
                reply.AddRange(Bytes(line));
            else
            {
                if (expected.Count > 0)
                    Assert.Equal(string.Join("; ", expected), meaning(asked, [.. reply]));
                (asked, reply, expected) = (Bytes(line), [], []);
            }
        }
    }

    private static byte[] Bytes(string line) => Convert.FromHexString(line[2..].Replace(" ", "", StringComparison.Ordinal));

    private static string Number(Celsius of) => of.Degrees.ToString("0.0#", CultureInfo.InvariantCulture);

    private static string[] Lines(string model, string file)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EdgeGate.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("hardware/ lies beside EdgeGate.sln");
        var lines = File.ReadAllLines(Path.Combine(folder, "hardware", model, "captures", file)).Where(line => line.Length > 0 && line[0] != '#').ToArray();
        Assert.NotEmpty(lines);
        return lines;
    }
}

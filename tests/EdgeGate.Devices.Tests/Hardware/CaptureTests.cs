using System.Buffers;
using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Devices.DoorContacts;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Tests.Osdp;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Devices.Wiegand;

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
    public void SamV() => Check("sam-v", "card.txt", (asked, reply) =>
    {
        Assert.Contains(Asked, command => command.Frame.ToArray().AsSpan().SequenceEqual(asked));
        return Decode(new FrameParser<SamVReply>(SamVFrame.DecodeReply), reply, answer =>
            asked.AsSpan().SequenceEqual(SamVCommand.ReadCard.Frame.Span) && SamVCardData.TryParse(answer.Data.ToArray(), withFingerprints: false, out var data)
            && IdCardText.TryParse(data.Text, out var card)
                ? $"{(byte)answer.Status:X2}; {card.Number} {card.HolderName} until {card.ValidTo.Date:yyyy-MM-dd}"
                : $"{(byte)answer.Status:X2}");
    });

    private static readonly SamVCommand[] Asked = [SamVCommand.FindCard, SamVCommand.SelectCard, SamVCommand.ReadCard, SamVCommand.ReadAdditionalAddress];

    [Fact]
    public void GyMcu90614() => Check("gy-mcu90614", "readings.txt", (asked, reply) =>
    {
        Assert.Equal("A545EA", Convert.ToHexString(asked));
        return Decode(new FrameParser<TemperatureReading>(GyMcu90614Frame.Decode), reply, reading => $"{Number(reading.Surface)} {Number(reading.Ambient)}");
    });

    [Fact]
    public void Lcus1() => CheckWords("lcus-1", "orders.txt", (order, wire) =>
    {
        var commands = new RelayCommands(byte.Parse(order.Split(' ')[1], CultureInfo.InvariantCulture));
        Assert.Equal((order.StartsWith("on", StringComparison.Ordinal) ? commands.Open("") : commands.Close).ToArray(), wire);
        return "";
    });

    [Fact]
    public void LineScanner() => CheckWords("line-scanner", "codes.txt", (framing, bytes) => Decode(
        framing switch
        {
            "stx-etx" => new FrameParser<ScannedCode>(new StxEtxFraming(ScannerText.Chinese).Decode),
            "gap" => Gap(new GapFraming(ScannerText.Chinese)),
            _ => new FrameParser<ScannedCode>(new LineFraming(ScannerText.Chinese).Decode),
        }, bytes, code => code.Text, separator: "; "));

    private static FrameParser<ScannedCode> Gap(GapFraming gap) => new(gap.Decode, atSilence: gap.DecodeAtSilence);

    [Fact]
    public void Gm65() => Check("gm65", "set-up.txt", (asked, reply) =>
    {
        string[] orders = ["", Convert.ToHexString(Gm65Frame.Read(0, 1)), Convert.ToHexString(Gm65Frame.Write(0, 0xD7))];
        Assert.Contains(Convert.ToHexString(asked), orders);
        return Decode(new FrameParser<Gm65Message>(new Gm65Framing(ScannerText.Chinese).Decode), reply, message => message.Reply is { } answer
            ? $"{answer.Status.ToString().ToLowerInvariant()} {Convert.ToHexString(answer.Data.Span)}"
            : $"code {message.Code.Text}");
    });

    [Fact]
    public void Gm67() => Check("gm65", "gm67-packets.txt", (asked, reply) =>
    {
        string[] orders = ["", Convert.ToHexString(Gm67Frame.SetParameter(0xEE, 1, permanent: false)), Convert.ToHexString(Gm67Frame.Ack()), Convert.ToHexString(Gm67Frame.Resend())];
        Assert.Contains(Convert.ToHexString(asked), orders);
        return Decode(new FrameParser<Gm67Packet>(Gm67Frame.Decode), reply, packet => packet.Opcode is Gm67Opcode.Scanned or Gm67Opcode.ScannedLong
            ? $"code {System.Text.Encoding.UTF8.GetString(packet.Text.Span)} of symbology {packet.Symbology:X2}"
            : packet.Opcode.ToString().ToLowerInvariant());
    });

    [Fact]
    public void Wedge() => Check("wedge", "events.txt", (_, events) =>
    {
        var (keys, buffer) = (new KeyboardText(), new ReadOnlySequence<byte>(events));
        while (KeyEvent.Decode(ref buffer) is { Status: DecodeStatus.Complete } next)
        {
            if (keys.Take(next.Frame) is { Status: not DecodeStatus.NeedMore } typed)
                return typed.Status is DecodeStatus.Complete ? typed.Frame : Word(typed.Fault);
        }
        return "nothing";
    });

    [Fact]
    public void Wiegand() => CheckWords("wiegand", "cards.txt", (count, bytes) =>
        !WiegandCard.TryDecode(new WiegandBits(bytes, int.Parse(count, CultureInfo.InvariantCulture)), out var card, out var fault) ? Word(fault)
        : card.Bits == 26 ? $"{card.Facility:D3},{card.Card:D5}"
        : $"{card.Number:D10}");

    [Fact]
    public void Osdp() => Check("osdp", "conversation.txt", (asked, reply) =>
    {
        Assert.NotNull(OsdpTable.Parse(asked));
        var said = OsdpTable.Parse(reply)!;
        return (said.Reply, said.Data.ToArray()) switch
        {
            (OsdpReplyCode.Identification, var data) => OsdpIdentification.Parse(data)!.ToString(),
            (OsdpReplyCode.LocalStatus, [var tamper, var power]) => $"tamper {(tamper == 0 ? "no" : "yes")}; power {(power == 0 ? "good" : "failing")}",
            (OsdpReplyCode.RawCard, var data) when OsdpCard.Parse(data) is { } card => $"card {card.Bits.Count} bits {Convert.ToHexString(card.Bits.Bytes.Span)}",
            (OsdpReplyCode.Keypad, var data) => $"keys {OsdpKeys.Parse(data)!.Keys}",
            (OsdpReplyCode.InputStatus, var data) => $"inputs {string.Concat(data)}",
            (var code, _) => code.ToString().ToLowerInvariant(),
        };
    });

    [Fact]
    public void DoorContact() => CheckWords("door-contact", "messages.txt", (asked, message) =>
    {
        var bytes = asked.Split(' ') is [_, var member] ? WrappedPayload.Unwrap(message, member)! : message;
        var report = (asked.Split(' ')[0] switch
        {
            "ias-zone" => IasZoneDoor.Decode(bytes),
            "ws301" => Ws301Door.Decode(bytes),
            _ => Zigbee2MqttDoor.Decode(bytes),
        }).Report!;
        string?[] said =
        [
            report.IsOpen switch { true => "open", false => "closed", null => null },
            report.BatteryPercent is { } percent ? $"battery {percent}" : null,
            report.Tamper switch { true => "tamper yes", false => "tamper no", null => null },
            report.BatteryLow switch { true => "battery low", false => "battery good", null => null },
        ];
        return string.Join("; ", said.Where(word => word is not null));
    });

    [Fact]
    public void Every_model_has_a_page_a_drawing_and_captures()
    {
        var models = Directory.GetDirectories(Folder).Where(folder => Path.GetFileName(folder) is not ("bench" or "deploy" or "pictures")).ToArray();
        Assert.Equal(15, models.Length);
        Assert.All(models, model =>
        {
            var page = File.ReadAllText(Path.Combine(model, "README.md"));
            Assert.All(["## What to buy", "## Quirks", "](wiring.svg)", "captures/"], part => Assert.Contains(part, page, StringComparison.Ordinal));
            Assert.Matches(@"\*\*(Line|Bus|Radio):\*\*", page);
            Assert.True(File.Exists(Path.Combine(model, "wiring.svg")), model);
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(model, "captures")));
        });
    }

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

    private static string Decode<T>(FrameParser<T> parser, byte[] reply, Func<T, string> describe, string separator = " ")
    {
        var (buffer, found, expired) = (new ReadOnlySequence<byte>(reply), new List<string>(), false);
        while (true)
        {
            var next = parser.Next(ref buffer);
            if (next.Status is DecodeStatus.NeedMore && !expired)
                (next, expired) = (parser.Expire(ref buffer), true);
            if (next.Status is DecodeStatus.NeedMore)
                return string.Join(separator, found);
            found.Add(next.Status is DecodeStatus.Complete ? describe(next.Frame) : Word(next.Fault));
        }
    }

    /// <summary>Questions (>) with the bytes that came back (&lt;, on one line or several) and what they mean (=).</summary>
    private static void Check(string model, string file, Func<byte[], byte[], string> meaning) =>
        CheckWords(model, file, (asked, reply) => meaning(Bytes($"> {asked}"), reply));

    /// <summary>The same where what is asked is told in words.</summary>
    private static void CheckWords(string model, string file, Func<string, byte[], string> meaning)
    {
        var (asked, reply, expected) = ("", new List<byte>(), new List<string>());
        foreach (var line in Lines(model, file).Append(">"))
        {
            if (line[0] == '=')
                expected.Add(line[2..]);
            else if (line[0] == '<')
                reply.AddRange(Bytes(line));
            else
            {
                if (reply.Count > 0)
                    Assert.Equal(string.Join("; ", expected), meaning(asked, [.. reply]));
                (asked, reply, expected) = (line.Length > 2 ? line[2..] : "", [], []);
            }
        }
    }

    private static byte[] Bytes(string line) => Convert.FromHexString(line[2..].Replace(" ", "", StringComparison.Ordinal));

    private static string Number(Celsius of) => of.Degrees.ToString("0.0#", CultureInfo.InvariantCulture);

    private static string Word(FrameFault fault) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString());

    private static string Folder
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "EdgeGate.sln")))
                folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("hardware/ lies beside EdgeGate.sln");
            return Path.Combine(folder, "hardware");
        }
    }

    private static string[] Lines(string model, string file)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, model, "captures", file)).Where(line => line.Length > 0 && line[0] != '#').ToArray();
        Assert.NotEmpty(lines);
        return lines;
    }
}

using System.Buffers;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Benchmarks.Devices;

/// <summary>Every decoder over a buffer full of whole frames, through the parser that a line has; beside it the same frames only copied.</summary>
internal sealed class DecoderSpeed(BenchSetting setting)
{
    private const int BufferBytes = 1 << 20, PhotoBytes = 1024;

    public void Run(ReportSection report)
    {
        var rows = new List<string[]>
        {
            Row("SAM-V card reply", CardReply(), Parser<SamVReply>(SamVFrame.DecodeReply)),
            Row("SAM-V card reply and the card in it", CardReply(), Card()),
            Row("GY-MCU90614 reading", GyMcu90614Frame.Encode(new TemperatureReading(new Celsius(3410), new Celsius(2150))), Parser<TemperatureReading>(GyMcu90614Frame.Decode)),
            Row("GY-614 reading", Gy614Frame.Encode(new Gy614Reading(97, new TemperatureReading(new Celsius(3410), new Celsius(2150)), new Celsius(3650))), Parser<Gy614Reading>(Gy614Frame.Decode)),
            Row("Modbus reply", new ModbusReply(1, [341]).Encode(ModbusFunction.ReadHoldingRegisters), Next(new ModbusFrame(new ModbusRequest(1, ModbusFunction.ReadHoldingRegisters, 0, 1)).Parser), frames: 12),
            Row("OSDP card report", OsdpFrame.Create(new(1, IsReply: true, 2, UsesCrc: true), 0x50, [0, 1, 26, 0, 1, 2, 3, 4]).Wire.ToArray(), Parser<OsdpFrame>(OsdpFrame.Decode)),
            Row("scanner line", "04A20123456789ABCDEF\r\n"u8.ToArray(), Parser<ScannedCode>(new LineFraming(ScannerText.Chinese).Decode)),
            Row("scanner STX ETX", "\u000204A20123456789ABCDEF\u0003"u8.ToArray(), Parser<ScannedCode>(new StxEtxFraming(ScannerText.Chinese).Decode)),
            Row("GM65 code", "04A20123456789ABCDEF\r\n"u8.ToArray(), Parser<Gm65Message>(new Gm65Framing(ScannerText.Chinese).Decode)),
            Row("GM67 packet", Gm67Frame.Scanned(0xF1, "04A20123456789ABCDEF"u8), Parser<Gm67Packet>(Gm67Frame.Decode)),
            Row("largest QR code, a line", [.. Encoding.ASCII.GetBytes(new string('8', ScannedCode.MaxBytes)), 0x0A], Parser<ScannedCode>(new LineFraming(ScannerText.Chinese).Decode)),
            Row("keyboard event", new KeyEvent(KeyEvent.Key, 30, KeyEvent.Pressed).Encode(), Parser<KeyEvent>(KeyEvent.Decode)),
        };
        report.Say("Decoders, each over a buffer full of whole frames. *Limit*: the same frames, one by one, only copied.");
        report.Table(["", "frame bytes", "MB/s", "ns a frame", "allocated B a frame", "limit MB/s"], rows);
        report.Say("Budget: SAM-V 100 MB/s, no allocation per frame besides the decoded card. A code, a GM65 answer, an OSDP and a Modbus frame are handed on as objects of their own: what they allocate is that.");
    }

    /// <param name="frames">How many stand in the buffer at once; as many as fit unless the protocol has one question for each answer.</param>
    private string[] Row(string name, byte[] frame, Func<byte[], int> decode, int frames = 0)
    {
        var count = frames > 0 ? frames : Math.Max(1, BufferBytes / frame.Length);
        var buffer = Enumerable.Repeat(frame, count).SelectMany(bytes => bytes).ToArray();
        var target = new byte[frame.Length];
        var (seconds, allocated, decoded) = Measure(() => decode(buffer));
        var (copying, _, _) = Measure(() =>
        {
            for (var at = 0; at < buffer.Length; at += frame.Length)
                buffer.AsSpan(at, frame.Length).CopyTo(target);
            return count;
        });
        if (decoded != count)
            throw new InvalidOperationException($"{name}: of {count} frames {decoded} were found");
        return [name, $"{frame.Length}", (buffer.Length / seconds / 1e6).Figure(), (seconds / count * 1e9).Figure(), ((double)allocated / count).Figure(), (buffer.Length / copying / 1e6).Figure()];
    }

    /// <summary>The median of several rounds, each long enough for the clock.</summary>
    private (double Seconds, long Allocated, int Result) Measure(Func<int> once)
    {
        var round = TimeSpan.FromMilliseconds(setting.Quick ? 40 : 250);
        var seconds = new List<double>();
        long allocated = 0;
        var result = 0;
        for (var i = 0; i < (setting.Quick ? 5 : 9); i++)
        {
            var (times, begun, before) = (0, setting.Time.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            do
            {
                result = once();
                times++;
            }
            while (setting.Time.GetElapsedTime(begun) < round);
            seconds.Add(setting.Time.GetElapsedTime(begun).TotalSeconds / times);
            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / times;
        }
        return (seconds.Skip(2).Median(), allocated, result); // the first two compile
    }

    private static Func<byte[], int> Parser<T>(FrameDecoder<T> decode) => Next(new FrameParser<T>(decode));

    private static Func<byte[], int> Next<T>(FrameParser<T> parser) => bytes =>
    {
        var (buffer, frames) = (new ReadOnlySequence<byte>(bytes), 0);
        while (parser.Next(ref buffer).Status is var status && status != DecodeStatus.NeedMore)
            frames += status == DecodeStatus.Complete ? 1 : 0;
        return frames;
    };

    private static Func<byte[], int> Card()
    {
        var parser = new FrameParser<SamVReply>(SamVFrame.DecodeReply);
        return bytes =>
        {
            var (buffer, cards) = (new ReadOnlySequence<byte>(bytes), 0);
            while (parser.Next(ref buffer) is { Status: DecodeStatus.Complete, Frame: var reply })
                cards += SamVCardData.TryParse(reply.Data.FirstSpan, withFingerprints: false, out var data) && IdCardText.TryParse(data.Text, out _) ? 1 : 0;
            return cards;
        };
    }

    private static byte[] CardReply()
    {
        var text = IdCardText.Format(new ResidentIdCard
        {
            Name = "测试一",
            SexCode = "1",
            EthnicGroupCode = "01",
            BirthDate = new("19900101"),
            Address = "测试省测试市测试路一号",
            Number = "99999919900101001X",
            Issuer = "测试市公安局",
            ValidFrom = new("20200101"),
            ValidTo = new("20400101"),
        });
        return SamVFrame.Encode([0, 0, (byte)SamVStatus.Done, 1, 0, 4, 0, .. text, .. new byte[PhotoBytes]]);
    }
}

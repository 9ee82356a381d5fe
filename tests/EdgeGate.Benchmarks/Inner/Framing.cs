using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Benchmarks.Inner;

/// <summary>One frame of each kind out of a buffer that holds exactly it, through the parser that a line has.</summary>
public class Framing
{
    private const int CardBytes = 7 + 3 + 4 + 256 + 1024 + 1; // header, status, lengths, text, photo, check
    private const int TemperatureBytes = 9;
    private const int CodeBytes = 22;
    private const int NoiseBytes = 4096;

    private readonly FrameParser<SamVReply> _cardParser = new(SamVFrame.DecodeReply);
    private readonly FrameParser<TemperatureReading> _temperatureParser = new(GyMcu90614Frame.Decode);
    private readonly FrameParser<ScannedCode> _lineParser = new(new LineFraming(ScannerText.Chinese).Decode);
    private readonly FrameParser<ScannedCode> _stxParser = new(new StxEtxFraming(ScannerText.Chinese).Decode);
    private readonly byte[] _card = CardReply();
    private readonly byte[] _copy = new byte[CardBytes];
    private readonly byte[] _temperature = GyMcu90614Frame.Encode(new TemperatureReading(new Celsius(3410), new Celsius(2150)));
    private readonly byte[] _line = Encoding.ASCII.GetBytes("04A20123456789ABCDEF\r\n");
    private readonly byte[] _stx = Encoding.ASCII.GetBytes("\u000204A20123456789ABCDEF\u0003");
    private readonly byte[] _noise = new byte[NoiseBytes];

    public Framing() => new Random(1).NextBytes(_noise);

    [Benchmark(Description = "SAM-V card reply"), Bytes(CardBytes)]
    public DecodeStatus Card() => Next(_cardParser, _card);

    [Benchmark(Description = "SAM-V card reply, fields of the card"), Bytes(CardBytes)]
    public IdCard? CardWithFields()
    {
        var buffer = new ReadOnlySequence<byte>(_card);
        var reply = _cardParser.Next(ref buffer).Frame;
        return SamVCardData.TryParse(reply.Data.FirstSpan, withFingerprints: false, out var data) && IdCardText.TryParse(data.Text, out var card) ? card : null;
    }

    [Benchmark(Description = "SAM-V decoder on noise"), Bytes(NoiseBytes)]
    public long Noise()
    {
        var buffer = new ReadOnlySequence<byte>(_noise);
        while (_cardParser.Next(ref buffer).Status != DecodeStatus.NeedMore)
        {
        }
        return buffer.Length;
    }

    [Benchmark(Description = "GY-MCU90614 reading"), Bytes(TemperatureBytes)]
    public DecodeStatus Temperature() => Next(_temperatureParser, _temperature);

    [Benchmark(Description = "scanner line"), Bytes(CodeBytes)]
    public DecodeStatus Line() => Next(_lineParser, _line);

    [Benchmark(Description = "scanner STX ETX"), Bytes(CodeBytes)]
    public DecodeStatus StxEtx() => Next(_stxParser, _stx);

    [Benchmark(Description = "limit: copy and XOR of the card reply"), Bytes(CardBytes)]
    public byte Copy()
    {
        _card.CopyTo(_copy, 0);
        byte check = 0;
        foreach (var value in _copy)
            check ^= value;
        return check;
    }

    private static DecodeStatus Next<T>(FrameParser<T> parser, byte[] frame)
    {
        var buffer = new ReadOnlySequence<byte>(frame);
        return parser.Next(ref buffer).Status;
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
        return SamVFrame.Encode([0, 0, (byte)SamVStatus.Done, 1, 0, 4, 0, .. text, .. new byte[1024]]);
    }
}

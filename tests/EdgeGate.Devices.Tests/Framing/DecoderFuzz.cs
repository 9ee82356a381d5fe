using System.Buffers;
using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Devices.DoorContacts;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Devices.Tests.Framing;

/// <summary>
/// Noise, damaged frames and whole ones, megabytes of them: no exception, nothing kept that is longer than a frame, and the
/// whole frames are found. DEVICE_FUZZ_MB says how many megabytes for each decoder.
/// </summary>
public class DecoderFuzz
{
    private const int Megabyte = 1_000_000;

    /// <summary>By how many whole frames noise may come to swallow: a check value of 8 bits is right by chance once in 256 times.</summary>
    private const double Found8Bit = 0.97, Found16Bit = 0.999;

    private static long Bytes =>
        double.TryParse(Environment.GetEnvironmentVariable("DEVICE_FUZZ_MB"), CultureInfo.InvariantCulture, out var megabytes) ? (long)(megabytes * Megabyte) : Megabyte / 2;

    [Fact]
    public void Sam_v() => Run(
        new FrameParser<SamVReply>(SamVFrame.DecodeReply), SamVFrame.Encode([0, 0, 0x9F, 1, 2, 3, 4]), SamVFrame.MaxLength, Found8Bit);

    [Fact]
    public void Gy_mcu90614() => Run(
        new FrameParser<TemperatureReading>(GyMcu90614Frame.Decode), GyMcu90614Frame.Encode(new(new Celsius(36_50), new Celsius(25_00))), 10, Found8Bit);

    [Fact]
    public void Osdp_with_crc() => Run(
        new FrameParser<OsdpFrame>(OsdpFrame.Decode), OsdpFrame.Create(new(1, IsReply: true, 2, UsesCrc: true), 0x50, [0, 1, 26, 0, 1, 2, 3, 4]).Wire.ToArray(), OsdpFrame.MaxLength, Found8Bit);

    [Fact]
    public void Osdp_with_checksum() => Run(
        new FrameParser<OsdpFrame>(OsdpFrame.Decode), OsdpFrame.Create(new(1, IsReply: true, 2, UsesCrc: false), 0x40, []).Wire.ToArray(), OsdpFrame.MaxLength, Found8Bit);

    [Fact]
    public void Gm65() => Run(
        new FrameParser<Gm65Message>(new Gm65Framing(ScannerText.Chinese).Decode), "\r\nEDGE-PASS-0001\r\n"u8.ToArray(), ScannedCode.MaxBytes + 1, found: 0);

    [Fact]
    public void Gm67() => Run(new FrameParser<Gm67Packet>(Gm67Frame.Decode), Gm67Frame.Scanned(0xF1, "EDGE-PASS-0001"u8), ScannedCode.MaxBytes + 10, found: 0);

    [Fact]
    public void Lines() => Run(
        new FrameParser<ScannedCode>(new LineFraming(ScannerText.Chinese).Decode), "\r\nEDGE-PASS-0001\r\n"u8.ToArray(), ScannedCode.MaxBytes + 1, Found16Bit);

    [Fact]
    public void Stx_etx() => Run(
        new FrameParser<ScannedCode>(new StxEtxFraming(ScannerText.Chinese).Decode), "\u0003\u0002EDGE-PASS-0001\u0003"u8.ToArray(), ScannedCode.MaxBytes + 2, Found16Bit);

    [Fact]
    public void Gy_614() => Run(
        new FrameParser<Gy614Reading>(Gy614Frame.Decode), [0xA4, 0x03, 0x07, 0x07, 0x61, 0x0C, 0xEE, 0x08, 0x5C, 0x0E, 0x40, 0xC2], 12, Found8Bit);

    [Fact]
    public void Modbus()
    {
        var frame = new ModbusFrame(new ModbusRequest(1, ModbusFunction.ReadHoldingRegisters, 0, 1));
        Run(frame.Parser, [0x01, 0x03, 0x02, 0x01, 0x6D, 0x78, 0x39], 260, Found16Bit);
    }

    [Fact]
    public void Relay_orders() => Run(buffer => (RelayFrame.TryDecode(ref buffer, out _), buffer), new RelayFrame(1, On: true).Encode(), RelayFrame.Length, Found8Bit);

    [Fact]
    public void Key_events() => Run(new FrameParser<KeyEvent>(KeyEvent.Decode), new KeyEvent(KeyEvent.Key, 16, KeyEvent.Pressed).Encode(), KeyEvent.Length, found: 0);

    /// <summary>What comes whole, as a message or a card, is borne whatever it is; there is nothing to be kept.</summary>
    [Fact]
    public void Door_contacts_and_wiegand_cards()
    {
        var random = new Random(1);
        for (long passed = 0; passed < Bytes;)
        {
            var sent = 0;
            var message = Piece(random, (random.Next(4)) switch
            {
                0 => "{\"contact\":false,\"battery\":97,\"tamper\":false}"u8.ToArray(),
                1 => [0x01, 0x75, 0x64, 0x03, 0x00, 0x01, 0x04, 0x00, 0x00],
                2 => "{\"uplink\":{\"data\":\"AXVkAwAB\"}}"u8.ToArray(),
                _ => [0x31, 0x98, 0x1C, 0xC0],
            }, ref sent);
            passed += message.Length;
            Zigbee2MqttDoor.Decode(message);
            IasZoneDoor.Decode(message);
            Ws301Door.Decode(message);
            WrappedPayload.Unwrap(message, "uplink.data");
            WiegandCard.TryDecode(new WiegandBits(message, random.Next(8 * message.Length + 1)), out _, out _);
        }
    }

    /// <param name="parser">The decoder.</param>
    /// <param name="whole">A whole frame.</param>
    /// <param name="longest">More is never kept.</param>
    /// <param name="found">Which share of the whole frames must be found; 0 for protocols in which any byte may begin one that swallows them.</param>
    private static void Run<T>(FrameParser<T> parser, byte[] whole, int longest, double found) => Run(
        buffer =>
        {
            while (parser.Next(ref buffer) is { Status: not DecodeStatus.NeedMore } next)
            {
                if (next.Status is DecodeStatus.Complete)
                    return (true, buffer);
            }
            return (false, buffer);
        },
        whole, longest, found);

    /// <param name="take">Takes the next whole frame, and with it what is none before; says whether there was one, and what is left.</param>
    private static void Run(Func<ReadOnlySequence<byte>, (bool IsFrame, ReadOnlySequence<byte> Left)> take, byte[] whole, int longest, double found)
    {
        var random = new Random(1);
        var held = new byte[longest + 8192];
        int heldLength = 0, frames = 0, sent = 0;
        for (long passed = 0; passed < Bytes;)
        {
            var piece = Piece(random, whole, ref sent);
            passed += piece.Length;
            piece.CopyTo(held.AsSpan(heldLength));
            var buffer = new ReadOnlySequence<byte>(held, 0, heldLength + piece.Length);
            bool isFrame;
            do
            {
                (isFrame, buffer) = take(buffer);
                frames += isFrame ? 1 : 0;
            }
            while (isFrame);
            Assert.InRange(buffer.Length, 0, longest);
            heldLength = (int)buffer.Length;
            buffer.ToArray().CopyTo(held, 0);
        }
        Assert.InRange(frames, sent * found, double.MaxValue);
    }

    private static byte[] Piece(Random random, byte[] whole, ref int sent)
    {
        var kind = random.Next(10);
        byte[] piece;
        switch (kind)
        {
            case < 3: // noise
                piece = new byte[random.Next(1, 64)];
                random.NextBytes(piece);
                return piece;
            case < 5: // one byte of a frame is another
                piece = [.. whole];
                piece[random.Next(piece.Length)] = (byte)random.Next(256);
                return piece;
            case < 6: // a piece of a frame
                return whole[random.Next(whole.Length)..];
            default:
                sent++;
                return whole;
        }
    }
}

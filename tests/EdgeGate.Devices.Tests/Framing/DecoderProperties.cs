using System.Buffers;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Framing;

/// <summary>
/// What must hold for every decoder whatever the line brings: it never throws and always comes to an end, the result does
/// not depend on how the bytes were cut, and the next good frame is found.
/// </summary>
public class DecoderProperties
{
    public static TheoryData<string> Protocols => ["sam-v", "gy-mcu90614", "osdp", "gm65", "gm67", "line", "stx-etx", "gap"];

    [Theory, MemberData(nameof(Protocols))]
    public void Any_bytes_cut_anywhere_give_the_same_result(string protocol) =>
        Prop.ForAll(Line(protocol), Cuts, (bytes, cuts) =>
        {
            var whole = Decode(protocol, bytes, []);
            return Decode(protocol, bytes, cuts).SequenceEqual(whole, StringComparer.Ordinal);
        }).QuickCheckThrowOnFailure();

    [Theory, MemberData(nameof(Protocols))]
    public void After_any_bytes_and_a_silence_the_next_good_frame_is_read(string protocol) =>
        Prop.ForAll(Line(protocol), Cuts, (noise, cuts) =>
        {
            var found = Decode(protocol, noise, cuts, good: Good(protocol));
            return string.Equals(found[^1], "frame " + Convert.ToHexString(Good(protocol)), StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();

    /// <summary>Noise made of what frames are made of: whole ones, damaged ones, pieces of them, and any bytes between.</summary>
    private static Arbitrary<byte[]> Line(string protocol)
    {
        var good = Good(protocol);
        var piece = Gen.OneOf(
            Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().Select(bytes => bytes.Take(20).ToArray()),
            Gen.Elements<byte>(0xAA, 0x96, 0x69, 0x00, 0x04, 0x5A, 0x45, 0x53, 0x07, 0x0D, 0x0A, 0x02, 0x03, 0x80, 0xFF).ArrayOf(),
            Gen.Constant(good),
            Gen.Choose(0, good.Length - 1).Select(length => good[..length]),
            from at in Gen.Choose(0, good.Length - 1)
            from value in Gen.Choose(0, 255)
            select good.Select((original, i) => i == at ? (byte)value : original).ToArray());
        return piece.ArrayOf().Select(pieces => pieces.SelectMany(bytes => bytes).ToArray()).ToArbitrary();
    }

    private static Arbitrary<int[]> Cuts => Gen.Choose(0, 60).ArrayOf().ToArbitrary();

    private static byte[] Good(string protocol) => protocol switch
    {
        "sam-v" => SamVFrame.Encode([0, 0, 0x9F, 0, 0, 0, 0]),
        "gy-mcu90614" => GyMcu90614Frame.Encode(new TemperatureReading(new Celsius(36_50), new Celsius(25_00))),
        "osdp" => OsdpFrame.Create(new OsdpHeader(1, IsReply: true, 2, UsesCrc: true), (byte)OsdpReplyCode.RawCard, [0, 1, 26, 0, 0x53, 0xFF, 0x53, 0x01]).Wire.ToArray(),
        "gm65" => Gm65Frame.Encode(new Gm65Reply(Gm65Status.Done, new byte[] { 0x0D, 0x0A, 0x02 })),
        "gm67" => Gm67Frame.Scanned(0xF1, "EDGE-测"u8),
        "line" => "EDGE-测\r\n"u8.ToArray(),
        "stx-etx" => "\u0002EDGE-测\u0003"u8.ToArray(),
        _ => "EDGE-测"u8.ToArray(),
    };

    /// <summary>Frames (written again as bytes) and faults in order; after the noise a silence and the good frame, when there is one.</summary>
    private static List<string> Decode(string protocol, byte[] bytes, int[] cuts, byte[]? good = null)
    {
        var gap = new GapFraming(ScannerText.Chinese);
        return protocol switch
        {
            "sam-v" => Run(new FrameParser<SamVReply>(SamVFrame.DecodeReply), reply => SamVFrame.Encode([0, 0, (byte)reply.Status, .. reply.Data.ToArray()]), bytes, cuts, good),
            "gy-mcu90614" => Run(new FrameParser<TemperatureReading>(GyMcu90614Frame.Decode), GyMcu90614Frame.Encode, bytes, cuts, good),
            "osdp" => Run(new FrameParser<OsdpFrame>(OsdpFrame.Decode), frame => frame.Wire.ToArray(), bytes, cuts, good),
            "gm65" => Run(new FrameParser<Gm65Message>(new Gm65Framing(ScannerText.Chinese).Decode), Encode, bytes, cuts, good),
            "gm67" => Run(new FrameParser<Gm67Packet>(Gm67Frame.Decode), packet => Gm67Frame.Scanned(packet.Symbology, packet.Text.Span), bytes, cuts, good),
            "line" => Run(new FrameParser<ScannedCode>(new LineFraming(ScannerText.Chinese).Decode), code => code.Encoding.GetBytes(code.Text + "\r\n"), bytes, cuts, good),
            "stx-etx" => Run(new FrameParser<ScannedCode>(new StxEtxFraming(ScannerText.Chinese).Decode), code => code.Encoding.GetBytes("\u0002" + code.Text + "\u0003"), bytes, cuts, good),
            _ => Run(new FrameParser<ScannedCode>(gap.Decode, gap.DecodeAtSilence), code => code.Encoding.GetBytes(code.Text), bytes, cuts, good),
        };
    }

    private static byte[] Encode(Gm65Message message) =>
        message.Reply is { } reply ? Gm65Frame.Encode(reply) : message.Code.Encoding.GetBytes(message.Code.Text + "\r\n");

    private static List<string> Run<T>(FrameParser<T> parser, Func<T, byte[]> encode, byte[] bytes, int[] cuts, byte[]? good)
    {
        var found = new List<string>();
        var held = Array.Empty<byte>();
        var from = 0;
        foreach (var cut in cuts)
        {
            var to = Math.Min(from + cut, bytes.Length);
            Feed(bytes[from..to]);
            from = to;
        }
        Feed(bytes[from..]);
        if (good is null)
            return found;
        Silence();
        Feed(good);
        Silence(); // for those whose frames end by it
        return found;

        void Feed(byte[] chunk)
        {
            var buffer = InPieces(held, chunk);
            Drain(ref buffer);
        }

        void Silence()
        {
            var buffer = new ReadOnlySequence<byte>(held);
            Note(parser.Expire(ref buffer));
            Drain(ref buffer);
        }

        void Drain(ref ReadOnlySequence<byte> buffer)
        {
            while (true)
            {
                var before = buffer.Length;
                var next = parser.Next(ref buffer);
                if (next.Status == DecodeStatus.NeedMore)
                    break;
                Assert.True(buffer.Length < before, "a result must cost at least one byte, or the loop would not end");
                Note(next);
            }
            held = buffer.ToArray();
        }

        void Note(Decoded<T> decoded)
        {
            if (decoded.Status == DecodeStatus.Complete)
                found.Add("frame " + Convert.ToHexString(encode(decoded.Frame)));
            else if (decoded.Status == DecodeStatus.Corrupt)
                found.Add(decoded.Fault.ToString());
        }
    }

    /// <summary>What a pipe hands out: what was held and what has come are two segments.</summary>
    private static ReadOnlySequence<byte> InPieces(byte[] held, byte[] chunk)
    {
        var first = new Segment(held, 0);
        var last = first.Append(chunk);
        return new ReadOnlySequence<byte>(first, 0, last, chunk.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}

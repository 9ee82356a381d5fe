using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Scanners;

namespace EdgeGate.Devices.Tests.Vectors;

internal sealed class ScannerVectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields) => throw new NotSupportedException("a text scanner takes no commands");

    public override JsonObject Decode(DeviceVector vector)
    {
        var fallback = vector.ContextText("fallbackEncoding") is { } name ? CodePagesEncodingProvider.Instance.GetEncoding(name) : null;
        return Decode(vector, Parser(vector.Protocol, new ScannerText(fallback)), code =>
            (new JsonObject { ["text"] = code.Text, ["encoding"] = code.Encoding.WebName.ToLower(CultureInfo.InvariantCulture) }, default));
    }

    private static FrameParser<ScannedCode> Parser(string protocol, ScannerText text)
    {
        var gap = new GapFraming(text);
        return protocol switch
        {
            "scanner-stx-etx" => new(new StxEtxFraming(text).Decode),
            "scanner-gap" => new(gap.Decode, gap.DecodeAtSilence),
            _ => new(new LineFraming(text).Decode),
        };
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Devices.Tests.Vectors;

internal sealed class OsdpVectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields) => throw new NotSupportedException("the vectors give OSDP as frames of both directions");

    public override JsonObject Decode(DeviceVector vector)
    {
        var wire = vector.Steps.OfType<byte[]>().SelectMany(chunk => chunk).ToArray();
        return Decode(vector, new FrameParser<OsdpFrame>(OsdpFrame.Decode), frame =>
        {
            // Bit for bit the other way round as well.
            var again = OsdpFrame.Create(frame.Header, (byte)frame.Command, frame.Data).Wire.Span;
            Assert.True(again[1..].SequenceEqual(frame.Wire.Span[1..]));
            Assert.True(wire.AsSpan().IndexOf(again[1..]) >= 0);
            return Describe(frame);
        });
    }

    private static (JsonObject? Frame, FrameFault Fault) Describe(OsdpFrame frame)
    {
        var json = new JsonObject
        {
            ["address"] = frame.Header.Address,
            ["sequence"] = frame.Header.Sequence,
            ["code"] = ((byte)frame.Command).ToString("X2"),
        };
        var data = frame.Data;
        switch (frame.Header.IsReply ? frame.Reply : default)
        {
            case OsdpReplyCode.Identification when OsdpIdentification.Parse(data) is { } who:
                (json["vendor"], json["model"], json["version"], json["serial"], json["firmware"]) = (who.Vendor, who.Model, who.Version, who.Serial, who.Firmware);
                break;
            case OsdpReplyCode.Capabilities when OsdpCapability.Parse(data) is { } capabilities:
                json["capabilities"] = new JsonArray([.. capabilities.Select(can => new JsonArray((int)can.Function, can.Level, can.Count))]);
                break;
            case OsdpReplyCode.RawCard:
                if (OsdpCard.Parse(data) is not { } card)
                    return (null, FrameFault.BadInnerLength);
                (json["reader"], json["format"], json["bitCount"]) = (card.Reader, card.Format, card.Bits.Count);
                json["bits"] = string.Concat(Enumerable.Range(0, card.Bits.Count).Select(i => card.Bits[i] ? '1' : '0'));
                json["wiegand"] = WiegandCard.TryDecode(card.Bits, out var number, out _)
                    ? new JsonObject { ["facility"] = number.Facility, ["card"] = number.Card, ["parityOk"] = true }
                    : new JsonObject { ["parityOk"] = false };
                break;
            case OsdpReplyCode.Keypad when OsdpKeys.Parse(data) is { } keys:
                (json["reader"], json["keys"]) = (keys.Reader, keys.Keys);
                break;
            case OsdpReplyCode.Nak:
                json["nak"] = data[0];
                break;
            case OsdpReplyCode.LocalStatus:
                (json["tamper"], json["power"]) = (data[0], data[1]);
                break;
            default:
                json["dataHex"] = Convert.ToHexString(data);
                break;
        }
        return (json, default);
    }
}

/// <summary>Both ends of the secure channel meet the vectors' bytes: each message is opened by the end that gets it and made anew by the end that sent it.</summary>
internal sealed class OsdpSecureVectors : VectorProtocol
{
    private const string Handshake = "osdp-30-secure-handshake";

    public override byte[] Encode(JsonElement fields) => throw new NotSupportedException();

    public override JsonObject Decode(DeviceVector vector)
    {
        var handshake = vector.Context.TryGetProperty("continues", out _) ? DeviceVector.Load(Handshake) : vector;
        Assert.Equal(handshake.ContextText("scbk"), Convert.ToHexString(OsdpKey.Install.Bytes));
        var messages = handshake.Expect.GetProperty("frames").EnumerateArray().ToArray();
        var panelRandom = Convert.FromHexString(messages[0].GetProperty("cpRandom").GetString()!);
        var peripheralRandom = Convert.FromHexString(messages[1].GetProperty("pdRandom").GetString()!);
        using var panel = new OsdpSecureChannel(OsdpKey.Install, panelRandom);
        using var peripheral = new OsdpSecureChannel(OsdpKey.Install, panelRandom);
        var peripheralCryptogram = peripheral.PeripheralCryptogram(peripheralRandom);
        var panelCryptogram = panel.PanelCryptogram(peripheralRandom);
        var firstMac = peripheral.Begin(panelCryptogram);
        panel.Begin(panelCryptogram);
        return Decode(vector, new FrameParser<OsdpFrame>(OsdpFrame.Decode), frame => (Describe(frame), default));

        JsonObject Describe(OsdpFrame frame)
        {
            var json = new JsonObject { ["code"] = ((byte)frame.Command).ToString("X2"), ["scb"] = ((byte)frame.Security).ToString("X2") };
            switch (frame.Security)
            {
                case OsdpSecurity.Challenge:
                    json["cpRandom"] = Convert.ToHexString(frame.Data);
                    break;
                case OsdpSecurity.ClientCryptogram:
                    Assert.True(frame.Data[16..].SequenceEqual(peripheralCryptogram));
                    (json["clientUid"], json["pdRandom"], json["pdCryptogram"]) =
                        (Convert.ToHexString(frame.Data[..8]), Convert.ToHexString(frame.Data[8..16]), Convert.ToHexString(frame.Data[16..]));
                    break;
                case OsdpSecurity.ServerCryptogram:
                    Assert.True(frame.Data.SequenceEqual(panelCryptogram));
                    json["cpCryptogram"] = Convert.ToHexString(frame.Data);
                    break;
                case OsdpSecurity.InitialMac:
                    Assert.True(frame.Data.SequenceEqual(firstMac));
                    json["rmac"] = Convert.ToHexString(frame.Data);
                    break;
                default:
                    var (from, to) = frame.Header.IsReply ? (peripheral, panel) : (panel, peripheral);
                    json["macOk"] = to.TryOpen(frame, out var data);
                    if (data.Length > 0)
                        json["dataHex"] = Convert.ToHexString(data);
                    Assert.Equal(frame.Wire.ToArray(), from.Seal(frame.Header, (byte)frame.Command, data).Wire.ToArray());
                    break;
            }
            return json;
        }
    }
}

internal sealed class WiegandVectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields) => throw new NotSupportedException("cards only come");

    public override JsonObject Decode(DeviceVector vector)
    {
        var bits = new WiegandBits((byte[])Assert.Single(vector.Steps), vector.Context.GetProperty("bitCount").GetInt32());
        JsonArray frames = [], errors = [];
        if (!WiegandCard.TryDecode(bits, out var card, out var fault))
            errors.Add(KindOf(fault));
        else if (card.Bits == 26)
            frames.Add(new JsonObject { ["format"] = 26, ["facility"] = card.Facility, ["card"] = card.Card });
        else
            frames.Add(new JsonObject { ["format"] = 34, ["number"] = card.Number });
        return new JsonObject { ["frames"] = frames, ["errors"] = errors, ["pending"] = false };
    }
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;

namespace EdgeGate.Devices.Tests.Vectors;

internal sealed class SamVVectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields)
    {
        var code = Convert.FromHexString(fields.GetProperty("cmd").GetString()!)[0];
        var parameter = Convert.FromHexString(fields.GetProperty("para").GetString()!)[0];
        var data = Convert.FromHexString(fields.GetProperty("data").GetString()!);
        var command = (code, parameter, data) switch
        {
            (0x60, _, []) => SamVCommand.SetSpeed((SamVSpeed)parameter),
            (0x61, 0xFF, [var count]) => SamVCommand.SetMaxRadioBytes(count),
            _ => Fixed.Single(known => known.Code == code && known.Parameter == parameter && data.Length == 0),
        };
        return command.Frame.ToArray();
    }

    public override JsonObject Decode(DeviceVector vector) =>
        Decode(vector, new FrameParser<SamVReply>(SamVFrame.DecodeReply), reply => Describe(reply, vector.ContextText("command")));

    private static readonly SamVCommand[] Fixed =
    [
        SamVCommand.FindCard, SamVCommand.SelectCard, SamVCommand.ReadCard, SamVCommand.ReadCardWithFingerprints, SamVCommand.ReadAdditionalAddress,
        SamVCommand.ReadCardManagementNumber, SamVCommand.Reset, SamVCommand.ModuleStatus, SamVCommand.ModuleId,
    ];

    private static (JsonObject? Frame, FrameFault Fault) Describe(SamVReply reply, string? command)
    {
        var data = reply.Data.ToArray();
        var frame = new JsonObject { ["sw3"] = ((byte)reply.Status).ToString("X2") };
        if (reply.Status == SamVStatus.Done && command is "30 01" or "30 10" && data.Length > 0)
        {
            var withFingerprints = command is "30 10";
            if (!SamVCardData.TryParse(data, withFingerprints, out var card))
                return (null, FrameFault.BadInnerLength);
            frame["textLength"] = card.Text.Length;
            frame["photoLength"] = card.Photo.Length;
            frame["photoSha256"] = Sha256(card.Photo);
            if (withFingerprints)
            {
                frame["fingerprintLength"] = card.Fingerprints.Length;
                frame["fingerprintSha256"] = Sha256(card.Fingerprints);
            }
            frame["card"] = Describe(card.Text);
        }
        else if (command is "12 FF" && SamVModuleId.TryParse(data, out var id))
            frame["samId"] = new JsonArray(id.Kind, id.Maker, id.Date, id.Number, id.Serial);
        else if (command is "30 03" && data.Length > 0)
            frame["additionalAddress"] = IdCardText.Trimmed(data);
        else
            frame["dataHex"] = Hex(reply.Data);
        return (frame, default);
    }

    private static JsonObject Describe(ReadOnlySpan<byte> text)
    {
        if (!IdCardText.TryParse(text, out var card))
            return new JsonObject { ["type"] = "unknown", ["typeLetter"] = IdCardText.TypeLetter(text) };
        var json = new JsonObject
        {
            ["sex"] = card.SexCode,
            ["birth"] = card.BirthDate.ToString(),
            ["id"] = card.Number,
            ["validFrom"] = card.ValidFrom.ToString(),
            ["validTo"] = card.ValidTo.ToString(),
        };
        if (card is not ForeignerIdCard2017)
            json["idCheckDigitValid"] = CitizenNumber.TryParse(card.Number, out var number) && number.HasValidCheckDigit;
        JsonObject own = card switch
        {
            ResidentIdCard c => new()
            {
                ["type"] = "resident",
                ["name"] = c.Name,
                ["nation"] = c.EthnicGroupCode,
                ["nationName"] = c.EthnicGroup,
                ["address"] = c.Address,
                ["issuer"] = c.Issuer,
            },
            ResidencePermit c => new()
            {
                ["type"] = "hmt-permit",
                ["name"] = c.Name,
                ["address"] = c.Address,
                ["issuer"] = c.Issuer,
                ["passNumber"] = c.TravelPermitNumber,
                ["issueCount"] = c.IssueCount,
            },
            ForeignerIdCard2017 c => new()
            {
                ["type"] = "foreigner-2017",
                ["englishName"] = c.EnglishName,
                ["chineseName"] = c.ChineseName,
                ["nationality"] = c.Nationality,
                ["version"] = c.Version,
                ["agency"] = c.Authority,
            },
            ForeignerIdCard2023 c => new()
            {
                ["type"] = "foreigner-2023",
                ["englishName"] = c.EnglishName,
                ["chineseName"] = c.ChineseName,
                ["nationality"] = c.Nationality,
                ["renewalCount"] = c.RenewalCount,
                ["previousNumberLink"] = c.PreviousNumberLink,
            },
            _ => throw new NotSupportedException(),
        };
        foreach (var (name, value) in own)
            json[name] = value?.DeepClone();
        return json;
    }

    private static string? Sha256(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? null : Convert.ToHexStringLower(SHA256.HashData(bytes));
}

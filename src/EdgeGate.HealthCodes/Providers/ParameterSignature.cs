using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>HMAC-SHA-256 over sorted parameters, as the vendors' interfaces have it; see <see cref="ProviderSignature"/>.</summary>
internal static class ParameterSignature
{
    public static string Of(ProviderSignature options, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var text = string.Join('&', parameters
            .Where(parameter => parameter.Value.Length > 0)
            .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => $"{parameter.Key}={parameter.Value}"));
        var hash = HMACSHA256.HashData(options.Secret.Span, Encoding.UTF8.GetBytes(text));
        return options.Base64 ? Convert.ToBase64String(hash) : Convert.ToHexStringLower(hash);
    }

    public static IEnumerable<KeyValuePair<string, string>> Parameters(JsonObject body) =>
        body.Select(member => KeyValuePair.Create(member.Key, Text(member.Value)));

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        _ => value.ToJsonString(),
    };
}

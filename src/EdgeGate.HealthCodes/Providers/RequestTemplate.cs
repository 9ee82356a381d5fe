using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>An endpoint's address, headers and body, checked once, and filled in for each request.</summary>
internal sealed partial class RequestTemplate
{
    private static readonly string[] InReports = ["requestId", "device", "place", "timestamp", "passed"];
    private static readonly string[] InQuestions = ["token", "kind", "device", "place", "requestId", "timestamp", "celsius"];

    private readonly ProviderEndpoint _endpoint;
    private readonly ProviderSignature? _signature;
    private readonly string _address;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _query;
    private readonly JsonObject? _body;

    private RequestTemplate(ProviderEndpoint endpoint, ProviderSignature? signature, string[] known)
    {
        (_endpoint, _signature) = (endpoint, signature);
        var parts = endpoint.Address.Split('?', 2);
        _address = CheckedAddress(parts[0]);
        _query = parts.Length == 2 ? [.. parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Parameter)] : [];
        _body = endpoint.Body is null ? null : ParsedBody(endpoint.Body);
        foreach (var text in _query.Select(pair => pair.Value).Concat(_body is null ? [] : StringsIn(_body)))
            CheckPlaceholders(text, known);
        foreach (var (name, text) in endpoint.Headers)
        {
            CheckPlaceholders(text, [.. known.Except(["token", "kind", "celsius"])]);
            if (text.Any(character => character is < ' ' or > '~'))
                throw new ProviderOptionsException($"header {name} holds something other than printable ASCII");
        }
        TryOut();
    }

    /// <exception cref="ProviderOptionsException">What is wrong with the settings, in words.</exception>
    public static RequestTemplate ForQuestions(ProviderEndpoint endpoint, ProviderSignature? signature) => new(endpoint, signature, InQuestions);

    /// <exception cref="ProviderOptionsException">What is wrong with the settings, in words.</exception>
    public static RequestTemplate ForReports(ProviderEndpoint endpoint, ProviderSignature? signature) => new(endpoint, signature, InReports);

    public HttpRequestMessage Fill(ProviderQuestion question, string requestId, DateTimeOffset at) => Fill(new Dictionary<string, JsonValue?>(StringComparer.Ordinal)
    {
        ["token"] = JsonValue.Create(question.Token),
        ["kind"] = JsonValue.Create(question.Kind),
        ["device"] = JsonValue.Create(question.Device),
        ["place"] = JsonValue.Create(question.Place),
        ["requestId"] = JsonValue.Create(requestId),
        ["timestamp"] = JsonValue.Create(at.ToUnixTimeMilliseconds()),
        ["celsius"] = question.Celsius is { } celsius ? JsonValue.Create(celsius) : null,
    });

    public HttpRequestMessage Fill(ProviderPassage passage) => Fill(new Dictionary<string, JsonValue?>(StringComparer.Ordinal)
    {
        ["requestId"] = JsonValue.Create(passage.RequestId),
        ["device"] = JsonValue.Create(passage.Device),
        ["place"] = JsonValue.Create(passage.Place),
        ["timestamp"] = JsonValue.Create(passage.At.ToUnixTimeMilliseconds()),
        ["passed"] = JsonValue.Create(passage.Passed),
    });

    private HttpRequestMessage Fill(Dictionary<string, JsonValue?> values)
    {
        var query = _query.Select(pair => KeyValuePair.Create(pair.Key, Filled(pair.Value, values))).ToList();
        var body = (JsonObject?)Filled(_body, values);
        var signature = _signature is null ? null : ParameterSignature.Of(_signature, query.Concat(body is null ? [] : ParameterSignature.Parameters(body)));
        if (_signature is { InHeader: false })
        {
            if (body is not null)
                body[_signature.Name] = signature;
            else
                query.Add(KeyValuePair.Create(_signature.Name, signature!));
        }
        var search = string.Join('&', query.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        var message = new HttpRequestMessage(new HttpMethod(_endpoint.Method), search.Length > 0 ? $"{_address}?{search}" : _address);
        if (body is not null)
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        foreach (var (name, value) in _endpoint.Headers)
            message.Headers.Add(name, Filled(value, values, Uri.EscapeDataString)); // a header is ASCII, and ends with its line
        if (_signature is { InHeader: true })
            message.Headers.Add(_signature.Name, signature);
        return message;
    }

    private static KeyValuePair<string, string> Parameter(string pair) =>
        pair.Split('=', 2) is [var name, var value] ? KeyValuePair.Create(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value)) : KeyValuePair.Create(Uri.UnescapeDataString(pair), "");

    private static string Filled(string text, Dictionary<string, JsonValue?> values, Func<string, string>? encode = null) =>
        Placeholder().Replace(text, found => Text(values.GetValueOrDefault(found.Groups["name"].Value)) is var value && encode is not null ? encode(value) : value);

    private static JsonNode? Filled(JsonNode? template, Dictionary<string, JsonValue?> values) => template switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Filled(member.Value, values)))),
        JsonArray items => new JsonArray([.. items.Select(item => Filled(item, values))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => FilledString(value.GetValue<string>(), values),
        _ => template?.DeepClone(),
    };

    private static JsonValue? FilledString(string text, Dictionary<string, JsonValue?> values) =>
        WholeValue().Match(text) is { Success: true } whole ? (JsonValue?)values.GetValueOrDefault(whole.Groups["name"].Value)?.DeepClone() : JsonValue.Create(Filled(text, values));

    private static string Text(JsonValue? value) => value switch
    {
        null => "",
        _ when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    /// <summary>What .NET will not send (a method with a space, a header that belongs to the body) must show now, not with the first visitor.</summary>
    private void TryOut()
    {
        try
        {
            Fill([]).Dispose();
        }
        catch (Exception refused) when (refused is FormatException or InvalidOperationException or ArgumentException)
        {
            throw new ProviderOptionsException($"{_address}: {refused.Message}", refused);
        }
    }

    private static string CheckedAddress(string address)
    {
        if (address.Contains('{', StringComparison.Ordinal))
            throw new ProviderOptionsException($"{address}: placeholders may stand in the query only");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
            throw new ProviderOptionsException($"{address} is no web address");
        if (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            throw new ProviderOptionsException($"{address}: only https, or http to this machine");
        return address;
    }

    private static JsonObject ParsedBody(string body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject ?? throw new ProviderOptionsException("the body is no JSON object");
        }
        catch (JsonException notJson)
        {
            throw new ProviderOptionsException("the body is not JSON: " + notJson.Message, notJson);
        }
    }

    private static IEnumerable<string> StringsIn(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => StringsIn(member.Value)),
        JsonArray items => items.SelectMany(StringsIn),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
        _ => [],
    };

    private static void CheckPlaceholders(string text, string[] known)
    {
        foreach (Match found in Placeholder().Matches(text))
        {
            if (!known.Contains(found.Groups["name"].Value))
                throw new ProviderOptionsException($"{found.Value} cannot stand in \"{text}\"");
        }
    }

    [GeneratedRegex(@"\{(?<name>[A-Za-z]+)(:json)?\}", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^\{(?<name>celsius|timestamp|passed):json\}\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex WholeValue();
}

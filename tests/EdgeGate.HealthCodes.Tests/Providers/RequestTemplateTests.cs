using System.Text;
using System.Text.Json;
using EdgeGate.HealthCodes.Providers;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.HealthCodes.Tests.Providers;

public class RequestTemplateTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeMilliseconds(1646121600123);

    private static readonly ProviderQuestion Question = new("T&1", "QR", "scanner 1", "门", 36.5m);

    [Fact]
    public async Task Placeholders_are_filled_in_query_headers_and_body()
    {
        using var message = Fill(new ProviderEndpoint
        {
            Address = "https://health.example/api?v=1&code={token}&at={timestamp}",
            Headers = new Dictionary<string, string> { ["X-Request"] = "{requestId} at {place}" },
            Body = """{"a":{"token":"<{token}>","list":["{kind}",1,true]},"celsius":"{celsius:json}","text":"{celsius}","time":"{timestamp:json}"}""",
        });
        Assert.Equal("https://health.example/api?v=1&code=T%261&at=1646121600123", message.RequestUri!.OriginalString);
        Assert.Equal("request-7 at %E9%97%A8", Assert.Single(message.Headers.GetValues("X-Request")));
        using var body = JsonDocument.Parse(await message.Content!.ReadAsStringAsync());
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse("""{"a":{"token":"<T&1>","list":["QR",1,true]},"celsius":36.5,"text":"36.5","time":1646121600123}"""), body.RootElement));
    }

    [Fact]
    public async Task What_was_not_measured_is_null_or_empty()
    {
        using var message = RequestTemplate
            .ForQuestions(new ProviderEndpoint { Address = "https://health.example/", Body = """{"number":"{celsius:json}","text":"{celsius}"}""" }, null)
            .Fill(Question with { Celsius = null }, "request-7", At);
        Assert.Equal("""{"number":null,"text":""}""", await message.Content!.ReadAsStringAsync());
    }

    // Expected values made with openssl: printf 'a=1&b=x&kind=QR' | openssl dgst -sha256 -hmac key
    [Theory]
    [InlineData(false, "5b6e04483a265b827fd1d0ee803015d9aaca5fd2a24b4ce4fd84479214aee549")]
    [InlineData(true, "W24ESDomW4J/0dDugDAV2arKX9KiS0zk/YRHkhSu5Uk=")]
    public async Task The_signature_covers_the_sorted_parameters_of_query_and_body(bool base64, string expected)
    {
        var signature = new ProviderSignature { Secret = "key"u8.ToArray(), Base64 = base64 };
        var endpoint = new ProviderEndpoint { Address = "https://health.example/?b=x", Body = """{"kind":"{kind}","a":1,"empty":""}""" };
        using var message = Fill(endpoint, signature);
        using var body = JsonDocument.Parse(await message.Content!.ReadAsStringAsync());
        Assert.Equal(expected, body.RootElement.GetProperty("sign").GetString());

        using var inHeader = Fill(endpoint, signature with { InHeader = true, Name = "X-Sign" });
        Assert.Equal(expected, Assert.Single(inHeader.Headers.GetValues("X-Sign")));

        using var inQuery = Fill(new ProviderEndpoint { Method = "GET", Address = "https://health.example/?kind={kind}&b=x&a=1" }, signature);
        Assert.EndsWith("&sign=" + Uri.EscapeDataString(expected), inQuery.RequestUri!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://health.example/", "http://health.example/: only https, or http to this machine")]
    [InlineData("https://{token}.example/", "https://{token}.example/: placeholders may stand in the query only")]
    [InlineData("https://health.example/{token}", "https://health.example/{token}: placeholders may stand in the query only")]
    [InlineData("https://user:secret@health.example/", "https://user:secret@health.example/ is no web address")]
    [InlineData("nonsense", "nonsense is no web address")]
    [InlineData("https://health.example/?a={tokn}", "{tokn} cannot stand in \"{tokn}\"")]
    [InlineData("https://health.example/?a={passed}", "{passed} cannot stand in \"{passed}\"")]
    public void An_address_that_cannot_be_used_is_refused_at_once(string address, string why) =>
        Assert.Equal(why, Assert.Throws<ProviderOptionsException>(() => Fill(new ProviderEndpoint { Address = address })).Message);

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":["{nobody}"]}""")]
    public void A_body_that_cannot_be_used_is_refused_at_once(string body) =>
        Assert.Throws<ProviderOptionsException>(() => Fill(new ProviderEndpoint { Address = "https://health.example/", Body = body }));

    [Theory]
    [InlineData("X-Token", "{token}")]
    [InlineData("Content-Length", "1")]
    [InlineData("X Y", "1")]
    [InlineData("X-Y", "a\r\nb")]
    [InlineData("X-Y", "门")]
    public void A_header_that_cannot_be_sent_is_refused_at_once(string name, string value) =>
        Assert.Throws<ProviderOptionsException>(() => Fill(new ProviderEndpoint { Address = "https://health.example/", Headers = new Dictionary<string, string> { [name] = value } }));

    [Fact]
    public void Whatever_a_token_is_it_stays_one_value()
    {
        var template = RequestTemplate.ForQuestions(new ProviderEndpoint { Address = "https://health.example/api?code={token}&x=1", Body = """{"code":"{token}","x":1}""" }, null);
        Prop.ForAll<NonNull<string>>(any =>
        {
            using var message = template.Fill(Question with { Token = any.Get }, "request-7", At);
            Assert.Equal(("health.example", "/api"), (message.RequestUri!.Host, message.RequestUri.AbsolutePath));
            Assert.Equal(2, message.RequestUri.Query.Split('&').Length);
            using var body = JsonDocument.Parse(message.Content!.ReadAsStream());
            Assert.Equal(2, body.RootElement.GetPropertyCount());
            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(any.Get)), body.RootElement.GetProperty("code").GetString()); // half a surrogate pair is replaced
        }).QuickCheckThrowOnFailure();
    }

    private static HttpRequestMessage Fill(ProviderEndpoint endpoint, ProviderSignature? signature = null) =>
        RequestTemplate.ForQuestions(endpoint, signature).Fill(Question, "request-7", At);
}

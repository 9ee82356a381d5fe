using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;
using EdgeGate.Testing;
using static EdgeGate.Service.Tests.Settings.SmallSettings;

namespace EdgeGate.Service.Tests.HealthCodes;

public sealed class HealthCodeSetupTests : IDisposable
{
    private static readonly GateKeys Keys = new(RandomNumberGenerator.GetBytes(32), "", "", []);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory, InlineData("colour-names"), InlineData("aliyun-iot"), InlineData("hikvision"), InlineData("dahua"), InlineData("we-com")]
    public void The_provider_of_the_sample_can_be_asked(string states)
    {
        var settings = SampleProvider(states);
        using var provider = new HttpHealthCodeProvider(HealthCodeSetup.OptionsOf(settings, Keys), new ManualTime());
        Assert.Equal("province", provider.Id);
        Assert.Equal(CodeKind.ProviderCode, CodeRouter.Route("https://code.example/" + new string('a', 32), [new CodePattern(settings.Id, CodeKind.ProviderCode, settings.Pattern)]).Kind);
    }

    [Fact]
    public void Every_setting_of_a_provider_can_be_used()
    {
        var settings = SampleProvider("colour-names") with
        {
            Address = "https://api.example/verify?token={token}&device={device}&place={place}&id={requestId}&time={timestamp}",
            Method = ProviderMethod.Get,
            Body = null,
            Headers = [new() { Name = "Authorization", Value = "Bearer abc" }, new() { Name = "X-Request-Id", Value = "{requestId}" }],
            ReportAddress = "https://api.example/report",
            ReportBody = """{"id":"{requestId}","device":"{device}","place":"{place}","at":"{timestamp}","passed":"{passed:json}"}""",
            TestTime = "data.testTime",
            MaskedName = "data.name",
            CachedGreenFor = TimeSpan.FromMinutes(30),
        };
        foreach (var budget in (TimeSpan[])[TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(15)])
            new HttpHealthCodeProvider(HealthCodeSetup.OptionsOf(settings with { Budget = budget }, Keys), new ManualTime()).Dispose();
    }

    /// <summary>As an installer makes it: the comment marks taken away.</summary>
    private HealthCodeProviderSettings SampleProvider(string states)
    {
        var sample = SettingsFile.Sample;
        var from = sample.IndexOf("\"providers\": [", StringComparison.Ordinal);
        var to = sample.IndexOf("    ],", from, StringComparison.Ordinal);
        var secret = _directory["province.secret"];
        File.WriteAllText(secret, "secret\n");
        var provider = Regex.Replace(sample[from..to], "^      // ", "      ", RegexOptions.Multiline | RegexOptions.NonBacktracking)
            .Replace("/etc/edgegate/province.secret", secret, StringComparison.Ordinal)
            .Replace("\"colour-names\"", $"\"{states}\"", StringComparison.Ordinal);
        return Assert.Single(IsValid(Parse(sample[..from] + provider + sample[to..])).Settings.HealthCodes.Providers);
    }
}

using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Cli;

public sealed class PassCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _settings, _keyFile;

    public PassCommandTests()
    {
        _settings = _directory.Write("gate.json", SmallSettings.Text.Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal));
        _keyFile = _directory.Write("passes.private.pem", _key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _key.Dispose();
        _directory.Dispose();
    }

    private byte[] SiteSecret => Convert.FromBase64String(File.ReadAllText(_directory["data", "keys", "site.key"]).Trim());

    private Task<CommandLine> RunAsync(params string[] arguments) => CommandLine.RunAsync(["pass", .. arguments, "-s", _settings]);

    [Fact]
    public async Task A_pass_that_was_issued_is_good_until_it_is_called_back()
    {
        var text = (await IssueAsync("--unit", "3-1-502", "--gates", "gate-1", "--direction", "Exit", "--uses", "2")).Trim();

        var pass = Verify(text).Pass!;
        Assert.Equal((HealthCodeStatus.Valid, "gate-1", PassDirections.Exit, 2), (Verify(text).Status, Assert.Single(pass.Gates), pass.Directions, pass.Uses));

        Assert.Equal("1 pass is called back; a running gate goes by it within two seconds\n", (await RunAsync("revoke", pass.Id, "--by", "guard-3")).Output);
        Assert.Equal(HealthCodeStatus.Revoked, Verify(text).Status);
        Assert.Equal("3-1-502: 1 issued, 1 called back\n", (await RunAsync("list")).Output);
    }

    [Fact]
    public async Task A_household_loses_all_its_passes_at_once_and_no_other()
    {
        var (one, two, other) = ((await IssueAsync("--unit", "3-1-502")).Trim(), (await IssueAsync("--unit", "3-1-502")).Trim(), (await IssueAsync("--unit", "3-1-503")).Trim());

        await RunAsync("revoke", "--unit", "3-1-502");

        Assert.Equal([HealthCodeStatus.Revoked, HealthCodeStatus.Revoked, HealthCodeStatus.Valid], new[] { one, two, other }.Select(text => Verify(text).Status));
    }

    [Fact]
    public async Task An_unknown_number_calls_nothing_back()
    {
        await IssueAsync();

        var said = await RunAsync("revoke", "ABCDEFGHJK");

        Assert.Equal(1, said.ExitCode);
        Assert.StartsWith("Nothing was changed: one of these passes was not issued here", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotating_pass_is_good_with_the_digits_of_now_only()
    {
        var text = (await IssueAsync("--rotating")).Trim();

        var shown = (await RunAsync("now", text)).Output.Trim();

        Assert.Equal(HealthCodeStatus.RuleFailed, Verify(text).Status);
        Assert.Equal(HealthCodeStatus.Valid, Verify(shown).Status);
        Assert.Equal(HealthCodeStatus.RuleFailed, Verify(shown, TimeProvider.System.GetUtcNow().AddMinutes(3)).Status);
        Assert.Equal(2, (await RunAsync("now", "EGP1:nothing")).ExitCode);
    }

    [Fact]
    public async Task A_sheet_has_a_pass_for_each_line_masked_and_by_unit_and_every_code_on_it_is_good()
    {
        var list = _directory.Write("households.csv", "姓名,房号,张数\n测试一,3-1-502,2\n测试二,3-1-503,\n");

        var said = await RunAsync("sheet", list, "--key", _keyFile, "--until", "2099-12-31", "-o", _directory["sheet.html"]);

        Assert.Equal((0, ""), (said.ExitCode, said.Errors));
        Assert.StartsWith("3 passes for 2 units are in ", said.Output, StringComparison.Ordinal);
        var html = await File.ReadAllTextAsync(_directory["sheet.html"]);
        Assert.DoesNotContain("测试一", html, StringComparison.Ordinal);
        Assert.Equal((3, 3, 2), (Regex.Count(html, "<svg"), Regex.Count(html, "测\\*\\*"), Regex.Count(html, "<h1>")));
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=", html);
        Assert.Equal("3-1-502: 2 issued, 0 called back\n3-1-503: 1 issued, 0 called back\n", (await RunAsync("list")).Output);
    }

    [Theory]
    [InlineData("name\n测试一\n", "the first line must name the columns name 姓名 and unit 房号.")]
    [InlineData("name,unit,count\n测试一,1-1,21\n", "line 2: it needs a name, a unit of at most 60 characters, and a count from 1 to 20 if any.")]
    [InlineData("name,unit\n测试一\n", "line 2: it has 1 fields, and the first line has 2.")]
    [InlineData("name,unit\n", "it asks for 0 passes, and a sheet has 1 to 2000.")]
    public async Task A_wrong_list_makes_nothing_and_says_why(string csv, string words)
    {
        var said = await RunAsync("sheet", _directory.Write("list.csv", csv), "--key", _keyFile, "--until", "2099-12-31", "-o", _directory["sheet.html"]);

        Assert.Equal((2, $"Nothing was made: {words}\n"), (said.ExitCode, said.Errors));
        Assert.False(File.Exists(_directory["sheet.html"]));
    }

    private async Task<string> IssueAsync(params string[] more)
    {
        var said = await RunAsync(["issue", "--key", _keyFile, "--until", "2099-12-31", .. more]);
        Assert.Equal("", said.Errors);
        return said.Output;
    }

    private HealthCodeResult Verify(string text, DateTimeOffset? at = null)
    {
        var (shelf, keys) = (new RegisterShelf(), new PersonKeys(SiteSecret));
        if (new RegisterStore(_directory["data", "registers"]).Load(PassRegister.Revoked).Register is { } revoked)
            shelf.Put(revoked);
        var verifier = new HealthCodeVerifier(new TrustStore([]), new HealthCodeOptions
        {
            PassKeys = [PassKey.FromPem(_key.ExportSubjectPublicKeyInfoPem())],
            PassRegister = new PassRegister(shelf, keys, SiteSecret),
        });
        return verifier.Verify(text, new VerificationMoment(at ?? TimeProvider.System.GetUtcNow(), ClockTrusted: true));
    }
}

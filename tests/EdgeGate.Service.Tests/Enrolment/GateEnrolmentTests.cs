using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Service.Enrolment;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Tests.Enrolment;

public sealed class GateEnrolmentTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private static readonly string Pem = NewPem();
    private readonly TemporaryDirectory _folder = new();

    private string GateJson => _folder["gate.json"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void On_a_new_box_the_sample_gets_everything_that_the_bundle_brings()
    {
        var (directory, result) = GateEnrolment.Apply(Bundle(), GateJson, Now);

        var settings = Assert.IsType<SettingsResult.Valid>(result).Settings;
        Assert.Equal(("estate", "north", "broker.example", 8883, ReceiptsFrom.Center), (settings.Site, settings.Gate, settings.Broker!.Host, settings.Broker.Port, settings.Broker.Receipts));
        Assert.Equal((true, "gate.key"), (settings.Broker.Tls.Enabled, Path.GetFileName(settings.Broker.Tls.ClientKeyFile)));
        Assert.Equal("center-2026", Assert.Single(settings.Commands.Keys).Id);
        Assert.Equal(Bundle().SiteKey, File.ReadAllText(settings.Privacy.SiteKeyFile!).Trim());
        Assert.All(Directory.GetFiles(directory), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void What_stands_in_the_settings_stays_with_its_comments()
    {
        var before = SettingsFile.Sample.Replace("\"window\": 256", "\"window\": 100", StringComparison.Ordinal)
            .Replace("\"keys\": [", "\"keys\": [{ \"id\": \"office\", \"publicKeyFile\": \"/office.pem\" },", StringComparison.Ordinal);
        File.WriteAllText(GateJson, before);

        var settings = Assert.IsType<SettingsResult.Valid>(GateEnrolment.Apply(Bundle(), GateJson, Now).Settings).Settings;

        Assert.Equal(100, settings.Broker!.Window);
        Assert.Equal(["office", "center-2026"], settings.Commands.Keys.Select(key => key.Id));
        Assert.Contains("// resident ID cards", File.ReadAllText(GateJson), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(GateJson + ".before-enrolment"));
    }

    [Fact]
    public void A_center_that_makes_passes_has_its_key_and_its_lists_of_them_in_the_settings_beside_what_stands_there()
    {
        File.WriteAllText(GateJson, SettingsFile.Sample.Replace("\"persons\": []", "\"persons\": [\"residents\"]", StringComparison.Ordinal)
            .Replace("\"passKeyFiles\": []", "\"passKeyFiles\": [\"/own.pem\"]", StringComparison.Ordinal));
        var bundle = Bundle() with { PassKeyPem = Pem };
        GateEnrolment.Apply(bundle with { Ticket = EnrolmentTicket.New() }, GateJson, Now);

        var (directory, result) = GateEnrolment.Apply(bundle, GateJson, Now); // another bundle: not twice

        var settings = Assert.IsType<SettingsResult.Valid>(result).Settings;
        Assert.Equal(["/own.pem", Path.Combine(directory, "center-passes.public.pem")], settings.HealthCodes.PassKeyFiles);
        Assert.Equal(["residents", "passes"], settings.Registers.Persons);
        Assert.Equal(["passes", "revoked-passes"], settings.Registers.Central);
        Assert.Equal(Pem, File.ReadAllText(settings.HealthCodes.PassKeyFiles[1]));
    }

    [Fact]
    public void At_the_first_start_the_proof_takes_the_tickets_place_on_disk()
    {
        var ticket = Bundle().Ticket;
        GateEnrolment.Apply(Bundle() with { Ticket = ticket }, GateJson, Now);
        var file = Assert.Single(Directory.GetFiles(_folder.Root, "ticket.json", SearchOption.AllDirectories));
        Assert.Contains(ticket.PrivateKey, File.ReadAllText(file), StringComparison.Ordinal);

        var proof = EnrolmentTicketFile.ProofIn(file, "estate", "north", "kid-1");

        Assert.NotNull(proof);
        Assert.True(proof.IsBy(ticket.PublicKey, "estate", "north", "kid-1"));
        Assert.DoesNotContain(ticket.PrivateKey, File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(proof, EnrolmentTicketFile.ProofIn(file, "estate", "north", "kid-1")); // at the next start
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_ticket_from_before_tickets_were_keys_proves_nothing_and_keeps_no_gate_that_the_center_knows_from_its_uplink()
    {
        var file = _folder.Write("ticket.json", """{"id":"0123456789abcdef0123456789abcdef","secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""" + "\n");

        Assert.Null(EnrolmentTicketFile.ProofIn(file, "estate", "north", "kid-1"));
        Assert.ThrowsAny<JsonException>(() => EnrolmentTicketFile.ProofIn(_folder.Write("none.json", "{}"), "estate", "north", "kid-1"));
    }

    [Fact]
    public void A_new_login_takes_the_place_of_the_one_before()
    {
        GateEnrolment.Apply(Bundle() with { Broker = new BundleBroker("broker.example", 8883, User: "estate.north", Password: "x") }, GateJson, Now);

        var settings = Assert.IsType<SettingsResult.Valid>(GateEnrolment.Apply(Bundle(), GateJson, Now).Settings).Settings;

        Assert.Equal((null, null), (settings.Broker!.User, settings.Broker.PasswordFile));
        Assert.Single(settings.Commands.Keys);
    }

    [Fact]
    public void A_bundle_that_is_too_old_or_holds_no_key_changes_nothing()
    {
        Assert.Contains("was good until", Refused(Bundle() with { Expires = Now.AddSeconds(-1) }), StringComparison.Ordinal);
        Assert.Contains("a key that is none", Refused(Bundle() with { EvidenceKeyPem = "no key" }), StringComparison.Ordinal);
        Assert.Contains("a key that is none", Refused(Bundle() with { CommandKeys = [new("../../etc/passwd", Pem)] }), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void A_box_that_has_records_of_one_gate_does_not_become_another()
    {
        File.WriteAllText(GateJson, SettingsFile.Sample.Replace("/var/lib/edgegate", _folder.Root, StringComparison.Ordinal));
        Directory.CreateDirectory(Path.Combine(_folder.Root, "journal"));

        Assert.Contains("is that of sample-estate/gate-1", Refused(Bundle()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{ // nothing\n }")]
    [InlineData("{\"broker\":{\"host\":\"a\",/* b */},}")]
    [InlineData("\uFEFF{ \"x\": [1, 2], \"broker\": null }")]
    public void An_edited_file_is_still_the_file(string text)
    {
        var edited = SettingsEdit.Apply(Encoding.UTF8.GetBytes(text), new Dictionary<string, Func<JsonNode?, JsonNode>>
        {
            ["broker"] = before => new JsonObject { ["host"] = "b", ["before"] = before?.ToJsonString() },
            ["site"] = _ => "s",
        });

        var json = JsonDocument.Parse(edited, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }).RootElement;
        Assert.Equal(("b", "s"), (json.GetProperty("broker").GetProperty("host").GetString(), json.GetProperty("site").GetString()));
        Assert.Equal(text.Contains('x', StringComparison.Ordinal), json.TryGetProperty("x", out _));
    }

    private string Refused(EnrolmentBundle bundle) => Assert.Throws<InvalidDataException>(() => GateEnrolment.Apply(bundle, GateJson, Now)).Message;

    private static EnrolmentBundle Bundle() => new()
    {
        Site = "estate",
        Gate = "north",
        Expires = Now.AddDays(7),
        Broker = new BundleBroker("broker.example", 8883, "an authority", CertificatePem: "a certificate", KeyPem: "its key"),
        SiteKey = Convert.ToBase64String(new byte[32]),
        EvidenceKeyPem = Pem,
        CommandKeys = [new("center-2026", Pem)],
        Ticket = EnrolmentTicket.New(),
    };

    private static string NewPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportSubjectPublicKeyInfoPem();
    }
}

using System.CommandLine;
using System.Security.Cryptography;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Service.Cli;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Cli;

public sealed class EnrollCommandTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_right_passphrase_makes_the_box_a_gate_and_a_wrong_one_changes_nothing()
    {
        var passphrase = SealedBundle.NewPassphrase();
        await File.WriteAllBytesAsync(_folder["north.bundle"], SealedBundle.Seal(Bundle(), passphrase));

        var wrong = await EnrollAsync(SealedBundle.NewPassphrase());
        Assert.Equal(ExitCode.Unusable, wrong.Exit);
        Assert.Contains("the passphrase is not that of this bundle", wrong.Said, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["gate.json"]));

        var right = await EnrollAsync(passphrase);
        Assert.Equal(ExitCode.Done, right.Exit);
        Assert.Contains("this box is estate/north", right.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_have_a_fault_of_their_own_are_told_with_it()
    {
        await File.WriteAllTextAsync(_folder["gate.json"], "{ \"lanes\": [] }");
        var passphrase = SealedBundle.NewPassphrase();
        await File.WriteAllBytesAsync(_folder["north.bundle"], SealedBundle.Seal(Bundle(), passphrase));

        var said = await EnrollAsync(passphrase);

        Assert.Equal(ExitCode.Failed, said.Exit);
        Assert.Contains("dataDirectory", said.Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("asyncapi", 0, "\"asyncapi\": \"3.0.0\"")]
    [InlineData("edgegate.passage.v1", 0, "\"title\": \"edgegate.passage.v1\"")]
    [InlineData("edgegate.nothing.v1", 2, "there is no record or message edgegate.nothing.v1")]
    public async Task A_schema_is_printed_by_its_name(string name, int exit, string words)
    {
        var said = await CommandLine.RunAsync("schema", name);

        Assert.Equal(exit, said.ExitCode);
        Assert.Contains(words, said.Output + said.Errors, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Said)> EnrollAsync(string typed)
    {
        using var said = new StringWriter();
        using var input = new StringReader(typed + "\n");
        var exit = await EnrollCommand.Create(new ManualTime(Now), input).Parse([_folder["north.bundle"], "--settings", _folder["gate.json"]])
            .InvokeAsync(new InvocationConfiguration { Output = said, Error = said });
        return (exit, said.ToString());
    }

    private static EnrolmentBundle Bundle()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportSubjectPublicKeyInfoPem();
        return new EnrolmentBundle
        {
            Site = "estate",
            Gate = "north",
            Expires = Now.AddDays(7),
            Broker = new BundleBroker("broker.example", 8883, User: "estate.north", Password: "a password"),
            SiteKey = Convert.ToBase64String(new byte[32]),
            EvidenceKeyPem = pem,
            CommandKeys = [new("center-2026", pem)],
            Ticket = EnrolmentTicket.New(),
        };
    }
}

using EdgeGate.Messages.Records;
using EdgeGate.Service.Cli;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Cli;

public sealed class GuardCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _settings;

    public GuardCommandTests() =>
        _settings = _directory.Write("gate.json", SmallSettings.Text.Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal));

    public void Dispose() => _directory.Dispose();

    private GuardBook Book => new(_directory["data", "guards.json"]);

    private (int Code, string Output, string Errors) Run(string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = GuardCommand.Create(TimeProvider.System, new StringReader(input)).Parse([.. arguments, "--settings", _settings])
            .Invoke(new() { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }

    [Fact]
    public void A_new_guard_gets_a_pin_that_is_shown_once_and_kept_as_a_hash()
    {
        var (code, output, _) = Run("", "add", "li");
        var pin = output.Trim().Split(' ')[^1];

        Assert.Equal(ExitCode.Done, code);
        Assert.True(Book.TryFind("li", out var guard));
        Assert.Equal((6, GuardRole.Guard), (pin.Length, guard.Role));
        Assert.True(SecretHash.Fits(pin, guard.Hash));
        Assert.DoesNotContain(pin, File.ReadAllText(_directory["data", "guards.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_may_be_chosen_and_a_poor_one_is_refused()
    {
        Assert.Equal(ExitCode.Done, Run("rain on the roof\n", "add", "chen", "--role", "supervisor", "--from-input").Code);
        var (code, _, errors) = Run("12345678\n", "add", "wu", "--role", "supervisor", "--from-input");

        Assert.True(Book.TryFind("chen", out var chen) && SecretHash.Fits("rain on the roof", chen.Hash));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("in a row", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reset_keeps_the_role_and_ends_what_was_issued_before()
    {
        Run("", "add", "chen", "--role", "supervisor");
        Book.TryFind("chen", out var before);
        Run("", "reset", "chen");
        Book.TryFind("chen", out var after);

        Assert.Equal(GuardRole.Supervisor, after!.Role);
        Assert.NotEqual((before!.Issue, before.Hash), (after.Issue, after.Hash));
    }

    [Fact]
    public void Guards_are_listed_and_removed_and_unknown_ones_are_named_so()
    {
        Run("", "add", "li");
        Assert.Contains("li", Run("", "list").Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, Run("", "add", "li").Code); // twice
        Assert.Equal(ExitCode.Done, Run("", "remove", "li").Code);
        Assert.Equal(ExitCode.Failed, Run("", "remove", "li").Code);
        Assert.Equal(ExitCode.Failed, Run("", "reset", "li").Code);
        Assert.Equal(ExitCode.Failed, Run("", "add", "Li Ming").Code);
    }

    [Fact]
    public void The_certificate_is_made_and_its_fingerprint_told()
    {
        var first = Run("", "certificate").Output;

        Assert.Contains("SHA-256 ", first, StringComparison.Ordinal);
        Assert.Equal(first, Run("", "certificate").Output);
        Assert.NotEqual(first, Run("", "certificate", "--new").Output);
    }
}

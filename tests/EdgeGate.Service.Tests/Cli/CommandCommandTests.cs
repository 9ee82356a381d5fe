using System.Text;
using EdgeGate.Access;
using EdgeGate.Messages.Commands;

namespace EdgeGate.Service.Tests.Cli;

public sealed class CommandCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<CommandLine> KeyGenAsync(string id) => CommandLine.RunAsync("command", "keygen", id, "--directory", _directory.Root);

    private Task<CommandLine> SignAsync(string kind, params string[] more) =>
        CommandLine.RunAsync(["command", "sign", kind, "--gate", "estate/gate-1", "--key", _directory["guard-1.private.pem"], .. more]);

    private CommandReading Read(string token)
    {
        using var ring = new CommandKeyRing();
        ring.Add(new CommandKey("guard-1", File.ReadAllText(_directory["guard-1.public.pem"])));
        return ring.Read(Encoding.ASCII.GetBytes(token.Trim()));
    }

    [Fact]
    public async Task Keygen_makes_a_pair_that_signs_and_verifies_and_says_where_each_goes()
    {
        var made = await KeyGenAsync("guard-1");
        var signed = await SignAsync("open-once", "--lane", "lane-1", "--reason", "delivery");

        Assert.Equal((0, 0), (made.ExitCode, signed.ExitCode));
        Assert.Contains("\"publicKeyFile\": \"" + _directory["guard-1.public.pem"], made.Output, StringComparison.Ordinal);
        var command = Assert.IsType<OpenOnceCommand>(Assert.IsType<CommandReading.Genuine>(Read(signed.Output)).Command);
        Assert.Equal(("estate/gate-1", "lane-1", "delivery", 30d), (command.Gate, command.Lane, command.Reason, (command.Expires - command.IssuedAt).TotalSeconds));
    }

    [Fact]
    public async Task The_private_key_is_its_owners_and_never_overwritten()
    {
        await KeyGenAsync("guard-1");
        var before = File.ReadAllText(_directory["guard-1.private.pem"]);

        var again = await KeyGenAsync("guard-1");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["guard-1.private.pem"]));
        Assert.Equal((1, before), (again.ExitCode, File.ReadAllText(_directory["guard-1.private.pem"])));
    }

    [Fact]
    public async Task Every_kind_can_be_signed()
    {
        await KeyGenAsync("guard-1");
        string[][] kinds =
        [
            ["open-once", "--reason", "x"], ["set-mode", "--mode", "EntryOnly", "--reason", "x"], ["resend-range", "--first", "1", "--last", "9"],
            ["report-tally"], ["identify"], ["notice", "--zh", "今日停水", "--en", "No water today", "--minutes", "30"],
        ];
        foreach (var kind in kinds)
        {
            var command = Assert.IsType<CommandReading.Genuine>(Read((await SignAsync(kind[0], kind[1..])).Output)).Command;
            Assert.Equal(kind[0], command.Kind);
            Assert.True(command is not SetModeCommand set || set.Mode is PortalMode.EntryOnly);
        }
    }

    [Theory]
    [InlineData("open-once", "--reason")]
    [InlineData("resend-range", "--first")]
    public async Task What_a_kind_needs_is_asked_for(string kind, string missing)
    {
        await KeyGenAsync("guard-1");

        var said = await SignAsync(kind);

        Assert.NotEqual(0, said.ExitCode);
        Assert.Contains(missing, said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_that_is_missing_or_is_no_key_and_a_bad_id_are_said_in_a_line()
    {
        Assert.Equal(2, (await SignAsync("identify")).ExitCode);
        _directory.Write("guard-1.private.pem", "no key");
        Assert.Equal(2, (await SignAsync("identify")).ExitCode);
        Assert.Contains("1 to 32 lower-case letters", (await KeyGenAsync("Guard 1")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_that_every_gate_would_refuse_are_not_signed()
    {
        await KeyGenAsync("guard-1");

        var said = await SignAsync("resend-range", "--first", "9", "--last", "1");

        Assert.Equal((2, ""), (said.ExitCode, said.Output));
        Assert.Contains("first must be at least 1", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_broker_in_the_settings_send_points_to_sign()
    {
        await KeyGenAsync("guard-1");

        var said = await CommandLine.RunAsync(
            "command", "send", "identify", "-s", _directory["nothing.json"], "--gate", "estate/gate-1", "--key", _directory["guard-1.private.pem"]);

        Assert.Equal(2, said.ExitCode);
        Assert.Contains("edgegate command sign", said.Errors, StringComparison.Ordinal);
    }
}

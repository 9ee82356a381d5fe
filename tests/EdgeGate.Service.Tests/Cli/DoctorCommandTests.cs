using System.Net;
using System.Net.Sockets;
using EdgeGate.Devices.Ports;
using EdgeGate.Journal;
using EdgeGate.Service.Tests.Settings;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Cli;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_port_is_named_with_what_is_wrong_with_it()
    {
        await using var cardReader = PseudoTerminal.Open(_directory["card-reader"]);
        File.WriteAllText(_directory["relay"], "not a serial line");
        var said = await ExamineAsync(SmallSettings.Text
            .Replace("/dev/serial/by-id/a", _directory["card-reader"], StringComparison.Ordinal)
            .Replace("/dev/serial/by-id/c", _directory["relay"], StringComparison.Ordinal));
        Assert.Contains($"good    port {_directory["card-reader"]}", said.Output, StringComparison.Ordinal);
        Assert.Contains("WRONG   port /dev/serial/by-id/b is not there: is it plugged in?", said.Output, StringComparison.Ordinal);
        Assert.Contains($"WRONG   port {_directory["relay"]} is not a serial line", said.Output, StringComparison.Ordinal);
        Assert.Equal(1, said.ExitCode);
    }

    [Fact]
    public async Task A_port_that_is_open_elsewhere_is_named_with_who_holds_it()
    {
        await using var cardReader = PseudoTerminal.Open(_directory["card-reader"]);
        await using var held = await new SerialPort(_directory["card-reader"], 9600, TimeProvider.System).OpenAsync(CancellationToken.None);
        var said = await ExamineAsync(SmallSettings.Text.Replace("/dev/serial/by-id/a", _directory["card-reader"], StringComparison.Ordinal));
        Assert.Contains($"WRONG   port {_directory["card-reader"]} is ", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_can_be_written_is_left_as_it_was()
    {
        Directory.CreateDirectory(_directory["data"]);
        var said = await ExamineAsync(SmallSettings.Text.Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal));
        Assert.Contains($"data directory {_directory["data"]}", said.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["data"]));
    }

    [Fact]
    public async Task A_data_directory_that_is_absent_or_in_memory_is_wrong()
    {
        Assert.Contains($"WRONG   data directory {_directory["none"]} is not there",
            (await ExamineAsync(SmallSettings.Text.Replace("/var/lib/edgegate", _directory["none"], StringComparison.Ordinal))).Output, StringComparison.Ordinal);
        Assert.Contains("WRONG   data directory /dev/shm is on tmpfs",
            (await ExamineAsync(SmallSettings.Text.Replace("/var/lib/edgegate", "/dev/shm", StringComparison.Ordinal))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_opens_the_evidence_should_not_lie_at_the_gate()
    {
        Directory.CreateDirectory(_directory["keys"]);
        File.WriteAllText(_directory["keys", "site-private.pem"], "");
        var said = await ExamineAsync(SmallSettings.Text.Replace("/var/lib/edgegate", _directory.Root, StringComparison.Ordinal));
        Assert.Contains($"WRONG   {_directory["keys", "site-private.pem"]} opens all sealed evidence", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_files_that_are_absent_or_empty_are_wrong()
    {
        var keys = SmallSettings.With(
            "\"rules\": {},",
            $$"""
            "rules": {}, "privacy": { "siteKeyFile": "{{_directory["site.key"]}}", "centerPublicKeyFile": "{{_directory.Write("empty.pem", "")}}" },
            """);
        var said = await ExamineAsync(keys);
        Assert.Contains($"WRONG   key file {_directory["site.key"]} cannot be read", said.Output, StringComparison.Ordinal);
        Assert.Contains($"WRONG   key file {_directory["empty.pem"]} is empty", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_port_that_is_taken_is_wrong()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        var said = await ExamineAsync(SmallSettings.With("\"rules\": {},", $$"""
            "rules": {}, "web": { "address": "{{address}}" },
            """));
        Assert.Contains($"WRONG   web address {address}/ is used by another program", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_running_gate_itself_has_open_is_no_fault()
    {
        await using var cardReader = PseudoTerminal.Open(_directory["card-reader"]);
        await using var held = await new SerialPort(_directory["card-reader"], 9600, TimeProvider.System).OpenAsync(CancellationToken.None);
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)web.LocalEndpoint).Port}";
        await using var gate = await GateJournal.OpenAsync(
            new JournalOptions { Directory = _directory["data", "journal"], GateId = "estate/gate" }, TimeProvider.System, CancellationToken.None);

        var said = await ExamineAsync(SmallSettings.With("\"rules\": {},", $$"""
            "rules": {}, "web": { "address": "{{address}}" },
            """)
            .Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal)
            .Replace("/dev/serial/by-id/a", _directory["card-reader"], StringComparison.Ordinal));

        Assert.Contains($"good    port {_directory["card-reader"]}, in use by the gate itself, which runs (process {Environment.ProcessId})", said.Output, StringComparison.Ordinal);
        Assert.Contains($"good    web address {address}/, in use by the gate itself", said.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_web_port_that_the_running_gate_has_not_is_wrong_beside_it()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var other = await TestBroker.StartAsync(); // a process that is not the gate
        await using var gate = await GateJournal.OpenAsync(
            new JournalOptions { Directory = _directory["data", "journal"], GateId = "estate/gate" }, TimeProvider.System, CancellationToken.None);

        var said = await ExamineAsync(SmallSettings.With("\"rules\": {},", $$"""
            "rules": {}, "web": { "address": "http://127.0.0.1:{{other.Port}}" },
            """).Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal));

        Assert.Contains($"WRONG   web address http://127.0.0.1:{other.Port}/ is used by another program", said.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_broker_is_logged_in_at_and_one_that_is_away_is_wrong()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        int port;
        await using (var broker = await TestBroker.StartAsync())
        {
            port = broker.Port;
            Assert.Contains($"good    broker 127.0.0.1:{port} lets this gate in", (await ExamineAsync(At(port))).Output, StringComparison.Ordinal);
        }
        Assert.Contains($"WRONG   broker: 127.0.0.1:{port} cannot be reached", (await ExamineAsync(At(port))).Output, StringComparison.Ordinal);

        static string At(int port) => SmallSettings.With("\"host\": \"localhost\"", $"\"host\": \"127.0.0.1\", \"port\": {port}");
    }

    [Fact]
    public async Task A_relay_is_not_moved_to_try_it()
    {
        var said = await ExamineAsync(SmallSettings.With("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"no-such-chip\", \"unlock\": \"GPIO17\""));
        Assert.Contains("untried portal door on GPIO chip no-such-chip", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_inputs_of_a_portal_are_looked_for()
    {
        var said = await ExamineAsync(SmallSettings.With(
            "\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"no-such-chip\", \"unlock\": \"GPIO17\", \"doorContact\": { \"line\": \"GPIO22\" }"));
        Assert.Contains("WRONG   portal door: ", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lines_of_a_Wiegand_reader_are_looked_for()
    {
        var said = await ExamineAsync(SmallSettings.With(
            "\"kind\": \"sam-v\", \"port\": \"/dev/serial/by-id/a\"", "\"kind\": \"wiegand\", \"chip\": \"no-such-chip\", \"data0\": \"GPIO5\", \"data1\": \"GPIO6\"")
            .Replace("\"rules\": {}", "\"rules\": { \"credentialGroups\": [{ \"name\": \"company\", \"facility\": 99 }] }", StringComparison.Ordinal));
        Assert.Contains("WRONG   reader id-card: ", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_cannot_be_used_are_told_first()
    {
        var said = await ExamineAsync("{ \"site\": 1 }");
        Assert.Equal((2, ""), (said.ExitCode, said.Output));
    }

    private async Task<CommandLine> ExamineAsync(string settings) => await CommandLine.RunAsync("doctor", "--settings", _directory.Write("gate.json", settings));
}

using System.Collections.Concurrent;
using System.CommandLine;
using System.Threading.Channels;
using EdgeGate.Service.Cli;

namespace EdgeGate.Service.Tests.Cli;

/// <summary>A pretend device as an installer starts it, and beside it the watch, which is the gate's own drivers.</summary>
public sealed class SimulateCommandTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TypedInput _input = new();
    private readonly Heard _simulated = new(), _watched = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task<int>> _running = [];

    private string Port => _directory["device"];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        _input.End();
        foreach (var running in _running)
            Assert.Equal(0, await running.InTime());
    }

    public void Dispose()
    {
        _input.Dispose();
        _simulated.Dispose();
        _watched.Dispose();
        _stop.Dispose();
        _directory.Dispose();
    }

    private async Task SimulateAsync(params string[] arguments)
    {
        _running.Add(SimulateCommand.Create(TimeProvider.System, _input).Parse([.. arguments, "--link", Port]).InvokeAsync(new InvocationConfiguration { Output = _simulated }, _stop.Token));
        await _simulated.HearAsync($"is at {Port}");
    }

    private void Watch(params string[] arguments) =>
        _running.Add(EdgeGateCommand.Create(TimeProvider.System).Parse(["devices", "watch", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = _watched, Error = _watched }, _stop.Token));

    /// <summary>A gate.json with the device, for kinds that need more than a port.</summary>
    private string Settings(string reader, string thermometer) => _directory.Write("gate.json", $$"""
        {
          "site": "estate", "gate": "gate-1", "dataDirectory": "{{_directory["data"]}}",
          "lanes": [{ "id": "lane-1", "direction": "entry", "evidence": ["identity"], "readers": [{{reader}}], {{thermometer}} "portal": { "id": "door", "kind": "none" } }],
          "rules": { "credentialGroups": [{ "name": "everybody", "prefix": "E" }] },
        }
        """);

    [Theory]
    [InlineData("sam-v", "show 测试一", "card of 测**, number 999999…, valid to")]
    [InlineData("line-scanner", "show EDGE-PASS-0001", "code of 14 characters: EDGE-PASS-0001")]
    [InlineData("gm65", "show EDGE-PASS-0001", "code of 14 characters: EDGE-PASS-0001")]
    [InlineData("gm67", "show EDGE-PASS-0001", "code of 14 characters: EDGE-PASS-0001")]
    [InlineData("gy-mcu90614", "36.5", "36.50 °C before it, 25.00 °C around it")]
    [InlineData("gy-614", "36.5", "36.50 °C before it, 25.00 °C around it")]
    public async Task What_is_done_with_the_device_is_what_its_driver_reads(string kind, string command, string reading)
    {
        await SimulateAsync(kind);
        Watch(Port, "--kind", kind);
        await _watched.HearAsync("Connected");
        _input.Type(command);
        await _watched.HearAsync(reading, atNoise: () => _input.Type(command)); // a module sends lines of text, which are noise, until the driver has told it otherwise
    }

    [Theory]
    [InlineData("osdp", """{ "id": "device", "kind": "osdp", "port": "PORT", "address": 1 }""", "", "show 99,12345", "card 099,12345")]
    [InlineData("modbus", """{ "id": "other", "kind": "handheld" }""", """ "thermometer": { "id": "device", "kind": "modbus", "port": "PORT", "surface": 0, "ambient": 1 }, """, "36.5", "36.50 °C before it")]
    public async Task A_device_that_needs_more_settings_is_watched_by_its_id(string kind, string reader, string thermometer, string command, string reading)
    {
        await SimulateAsync(kind);
        Watch("device", "--settings", Settings(reader.Replace("PORT", Port, StringComparison.Ordinal), thermometer.Replace("PORT", Port, StringComparison.Ordinal)));
        await _watched.HearAsync(kind is "osdp" ? "Online" : "before it");
        _input.Type(command);
        await _watched.HearAsync(reading);
    }

    [Fact]
    public async Task It_is_pulled_plugged_in_silenced_and_healed_by_words()
    {
        await SimulateAsync("gy-614");
        Watch(Port, "--kind", "gy-614");
        await _watched.HearAsync("25.00 °C before it");
        _input.Type("unplug");
        await _watched.HearAsync("Absent");
        _input.Type("plug");
        await _watched.HearAsync("25.00 °C before it");
        _input.Type("fault silence");
        await _watched.HearAsync("Silent");
        _input.Type("fault none");
        await _watched.HearAsync("it measures again");
        _input.Type("help");
        await _simulated.HearAsync("unplug, plug, reset, quit");
        _input.Type("dance");
        await _simulated.HearAsync("no such command");
    }

    /// <summary>A thermometer that was told to send by itself forgets that with a reset, and the driver notices.</summary>
    [Fact]
    public async Task Reset_makes_the_device_forget_what_it_was_told_and_keeps_its_line_and_its_name()
    {
        await SimulateAsync("osdp");
        Watch("device", "--settings", Settings($$"""{ "id": "device", "kind": "osdp", "port": "{{Port}}", "address": 1 }""", ""));
        await _watched.HearAsync("Online");
        _input.Type("open");
        await _watched.HearAsync("housing open");

        _input.Type("reset");

        await _simulated.HearAsync("reset");
        await _watched.HearAsync("housing closed"); // what it knew is gone; nobody says Absent, for the line is the same
        _input.Type("show 99,12345");
        await _watched.HearAsync("card 099,12345");
        _input.Type("unplug");
        await _simulated.HearAsync("pulled");
        _input.Type("reset");
        await _simulated.HearAsync("reset"); // of what is not there: nothing happens
        Assert.False(File.Exists(Port));
    }

    [Theory]
    [InlineData("silence", "Silent")]
    [InlineData("wrong-checksum", "damaged so far")]
    [InlineData("noise", "damaged so far")]
    public async Task A_fault_of_the_line_holds_from_the_start(string fault, string seen)
    {
        await SimulateAsync("gy-mcu90614", "--fault", fault);
        Watch(Port, "--kind", "gy-mcu90614");
        await _watched.HearAsync(seen);
        _input.Type("fault none");
        await _simulated.HearAsync("the line: None");
        await _watched.HearAsync("25.00 °C before it");
    }

    [Fact]
    public async Task Several_faults_at_once_are_all_in_force_and_one_that_is_none_is_said_before_anything_starts()
    {
        await SimulateAsync("gy-614", "--fault", "split", "noise");
        Watch(Port, "--kind", "gy-614");
        await _watched.HearAsync("damaged so far");

        var wrong = await CommandLine.RunAsync("simulate", "gy-614", "--fault", "rain", "--link", _directory["other"]);

        Assert.NotEqual(0, wrong.ExitCode);
        Assert.Contains("'wrong-checksum'", wrong.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory["other"]));
    }

    [Theory]
    [InlineData("wedge", "/dev/uinput", "line-scanner")]
    [InlineData("mlx90614", "i2c-stub", "gy-mcu90614")]
    [InlineData("amg8833", "i2c-stub", "gy-mcu90614")]
    [InlineData("gpio", "gpio-sim", "lcus-1")]
    [InlineData("wiegand", "gpio-sim", "osdp")]
    public async Task What_no_pseudo_terminal_can_be_says_so_and_what_to_take_instead(string kind, string kernel, string instead)
    {
        var answer = await CommandLine.RunAsync("simulate", kind);

        Assert.Equal(2, answer.ExitCode);
        Assert.Contains(kernel, answer.Errors, StringComparison.Ordinal);
        Assert.Contains($"take {instead}", answer.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_recorded_can_be_played()
    {
        await SimulateAsync("line-scanner");
        var file = _directory["scan.capture"];
        _running.Add(EdgeGateCommand.Create(TimeProvider.System).Parse(["devices", "record", Port, file]).InvokeAsync(new InvocationConfiguration { Output = _watched }, _stop.Token));
        await _watched.HearAsync("Connected");
        _input.Type("show EDGE-PASS-0001");
        await _watched.HearAsync("EDGE-PASS-0001");

        var played = _directory["played"];
        var copy = _directory.Write("copy.capture", await File.ReadAllTextAsync(file, _stop.Token));
        _running.Add(EdgeGateCommand.Create(TimeProvider.System).Parse(["devices", "replay", copy, "--link", played]).InvokeAsync(new InvocationConfiguration { Output = _simulated }, _stop.Token));
        await _simulated.HearAsync($"played at {played}");
        Watch(played, "--kind", "line-scanner");
        await _watched.HearAsync("EDGE-PASS-0001");
    }

    [Fact]
    public async Task A_kind_that_needs_more_and_a_device_that_is_not_set_are_said()
    {
        var kind = await CommandLine.RunAsync("devices", "watch", "/dev/null", "--kind", "osdp");
        Assert.Equal((2, "osdp is no kind that needs a port and nothing else: put the device into gate.json and name its id."), (kind.ExitCode, kind.Errors.Trim()));
        var id = await CommandLine.RunAsync("devices", "watch", "nobody", "--settings", Settings("""{ "id": "other", "kind": "handheld" }""", ""));
        Assert.Equal(2, id.ExitCode);
        Assert.Contains("there are other, door", id.Errors, StringComparison.Ordinal);
    }

    /// <summary>What a person types, when the test says so.</summary>
    private sealed class TypedInput : TextReader
    {
        private readonly BlockingCollection<string> _lines = [];

        public void Type(string line) => _lines.Add(line);

        public void End() => _lines.CompleteAdding();

        public override string? ReadLine() => _lines.TryTake(out var line, Timeout.Infinite) ? line : null;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _lines.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class Heard : StringWriter
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public override void WriteLine(string? value) => _lines.Writer.TryWrite(value!);

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }

        /// <summary>The next line that contains this.</summary>
        public async Task HearAsync(string part, Action? atNoise = null)
        {
            var heard = new List<string>();
            try
            {
                while (!heard.LastOrDefault("").Contains(part, StringComparison.Ordinal))
                {
                    heard.Add(await _lines.Reader.ReadAsync().InTime());
                    if (heard[^1].Contains("no code", StringComparison.Ordinal))
                        atNoise?.Invoke();
                }
            }
            catch (TimeoutException)
            {
                Assert.Fail($"\"{part}\" was not said, but: {string.Join(" | ", heard)}");
            }
        }
    }
}

using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Mqtt;
using EdgeGate.Service;
using EdgeGate.Service.Demo;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGate.SystemTests;

/// <summary>
/// A day's people, by default fifteen hundred, pass a gate as fast as it decides; then everything the gate wrote, said or sent is searched for
/// any of their ID numbers, names and addresses.
/// </summary>
public sealed class PrivacyTests : IDisposable
{
    private static readonly int People = int.Parse(Environment.GetEnvironmentVariable("SOAK_PEOPLE") ?? "1500", CultureInfo.InvariantCulture);
    private readonly string _root = Directory.CreateTempSubdirectory("edgegate-privacy-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [SkippableFact]
    public async Task Nobody_who_passed_can_be_read_in_any_file_log_page_or_message()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using var lane = new SimulatedLane(Path.Combine(_root, "dev"), portalTakesText: true, TimeProvider.System);
        lane.PlugEverythingIn();
        var heard = new ConcurrentBag<byte[]>();
        await using var subscriber = await ListenAsync(broker.Port, heard);
        using var log = new Lines();
        await using (var gate = await StartGateAsync(lane, broker.Port, log))
        {
            for (var person = 0; person < People; person++)
                await PassAsync(gate.Services, person);
            var journal = gate.Services.GetRequiredService<GateJournal>();
            await UntilAsync(() => journal.AcknowledgedUpTo == journal.LastSequence);
            Assert.True(journal.LastSequence >= 2 * People, $"{journal.LastSequence} records");
            await SearchFilesAsync(); // with the log and whatever else only a running gate has
            foreach (var page in (string[])["/health", "/metrics", "/kiosk"])
                Search(page, await ReadAsync(new Uri(new Uri(gate.Urls.Single()), page)));
            await gate.StopAsync(CancellationToken.None);
        }
        await SearchFilesAsync();
        Search("the log", Encoding.UTF8.GetBytes(string.Join('\n', log.All)));
        Assert.True(heard.Count >= 2 * People, $"{heard.Count} messages");
        foreach (var message in heard)
            Search("a message", message);

        Assert.Equal(People, lane.Openings.Count); // and yet each was somebody
    }

    /// <summary>The search finds what it looks for, in every form: else it would prove nothing.</summary>
    [Fact]
    public void The_search_itself_finds_people()
    {
        foreach (var text in (string[])[NumberOf(7), "测试七", "测试省测试路"])
        {
            foreach (var form in Forms(text))
                Assert.True(Finds([.. "padding"u8, .. form, .. "padding"u8]), text);
        }
        Assert.False(Finds("测*七"u8), "a masked name is nobody");
    }

    private async Task<WebApplication> StartGateAsync(SimulatedLane lane, int brokerPort, Lines log)
    {
        var text = $$"""
            {
              "site": "estate", "gate": "north-1", "dataDirectory": "{{Path.Combine(_root, "data")}}", "web": { "address": "http://127.0.0.1:0" },
              "lanes": [{ "id": "lane-1", "direction": "entry", "evidence": ["identity", "temperature"],
              "readers": [{ "id": "id-card-reader", "kind": "sam-v", "port": "{{lane.CardReaderPort}}" }],
              "thermometer": { "id": "thermometer", "kind": "gy-mcu90614", "port": "{{lane.ThermometerPort}}" },
              "portal": { "id": "portal", "kind": "text", "port": "{{lane.PortalPort}}" } }],
              "broker": { "host": "127.0.0.1", "port": {{brokerPort}} },
            }
            """;
        var file = Path.Combine(_root, "gate.json");
        await File.WriteAllTextAsync(file, text);
        var settings = Assert.IsType<SettingsResult.Valid>(SettingsFile.Read(file, environment: [])).Settings;
        var gate = await GateHost.BuildAsync(settings, GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory), TimeProvider.System, CancellationToken.None);
        gate.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await gate.StartAsync(CancellationToken.None);
        return gate;
    }

    private static async Task PassAsync(IServiceProvider gate, int person)
    {
        var (journal, inputs, clock) = (gate.GetRequiredService<GateJournal>(), gate.GetRequiredService<Lanes>().All[0].Inputs, gate.GetRequiredService<GateClock>());
        var before = journal.LastSequence;
        var card = new Credential.IdCard(NumberOf(person), NameOf(person), new DateOnly(2020, 1, 1), null, LongTerm: true);
        await inputs.PresentAsync("id-card-reader", card, CancellationToken.None);
        inputs.Measure(new TemperatureEvidence(new Celsius(3650), new Celsius(3450), new Celsius(2200), Episode: person + 1, clock.SinceBoot, clock.SinceBoot));
        await journal.WaitForAppendAsync(before + 1, CancellationToken.None); // decided, and what came of it
    }

    private static string NumberOf(int person)
    {
        var seventeen = $"999999{new DateOnly(1950, 1, 1).AddDays(person * 137 % 18000):yyyyMMdd}{person % 1000:000}";
        return seventeen + Iso7064Mod112.CheckCharacter(seventeen);
    }

    private static string NameOf(int person) => $"测试{(char)('一' + person % 1000)}";

    /// <summary>By another process: opening and closing SQLite's files in this one would take the gate's locks away.</summary>
    private async Task SearchFilesAsync()
    {
        var copy = Path.Combine(_root, "copy");
        using (var copying = Process.Start("cp", ["-r", Path.Combine(_root, "data"), copy]))
            await copying.WaitForExitAsync();
        var files = Directory.GetFiles(copy, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.EndsWith("journal.db", StringComparison.Ordinal));
        foreach (var file in files)
            Search(file, await File.ReadAllBytesAsync(file));
        Directory.Delete(copy, recursive: true);
    }

    private static void Search(string where, ReadOnlySpan<byte> content) => Assert.False(Finds(content), $"{where} holds personal data in the clear");

    /// <summary>Every name and address begins with 测试, every number with 999999 and a birth date.</summary>
    private static bool Finds(ReadOnlySpan<byte> content)
    {
        foreach (var form in Forms("测试"))
        {
            if (content.IndexOf(form) >= 0)
                return true;
        }
        return HoldsNumber(content, width: 1) || HoldsNumber(content, width: 2);
    }

    /// <summary>999999, then 1900 to 2099: eighteen digits that are nothing else. A character is one byte, or two in UTF-16.</summary>
    private static bool HoldsNumber(ReadOnlySpan<byte> content, int width)
    {
        var region = (width == 1 ? Encoding.ASCII : Encoding.Unicode).GetBytes("999999");
        for (int at; (at = content.IndexOf(region)) >= 0; content = content[(at + 1)..])
        {
            var rest = content[(at + region.Length)..];
            if (rest.Length > width && rest[0] is (byte)'1' or (byte)'2' && rest[width] is (byte)'9' or (byte)'0')
                return true;
        }
        return false;
    }

    /// <summary>How text could lie about: in four encodings, escaped as JSON, in base64 at each of its three alignments.</summary>
    private static IEnumerable<byte[]> Forms(string text)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        foreach (var encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.GetEncoding("GB18030")])
            yield return encoding.GetBytes(text);
        if (text.All(char.IsAscii))
            yield break; // a number's escape is itself
        yield return Encoding.ASCII.GetBytes(string.Concat(text.Select(letter => $"\\u{(int)letter:X4}")));
        yield return Encoding.ASCII.GetBytes(string.Concat(text.Select(letter => $"\\u{(int)letter:x4}")));
        for (var before = 0; before < 3; before++)
        {
            var shifted = Base64Url.EncodeToString([.. new byte[before], .. Encoding.UTF8.GetBytes(text)]);
            var whole = shifted[((before * 8 + 5) / 6)..]; // letters that hold bits of the padding say nothing
            yield return Encoding.ASCII.GetBytes(whole[..^1]);
        }
    }

    private static async Task<MqttLink> ListenAsync(int port, ConcurrentBag<byte[]> heard)
    {
        var link = new MqttLink(new MqttLinkOptions { Endpoints = [new("127.0.0.1", port)], ClientId = "eavesdropper" }, TimeProvider.System);
        var granted = link.SubscribeAsync(
            "#",
            (message, _) =>
            {
                heard.Add([.. Encoding.UTF8.GetBytes(message.Topic), .. message.Payload.Span]);
                return ValueTask.CompletedTask;
            },
            CancellationToken.None);
        await link.StartAsync(CancellationToken.None);
        await granted;
        return link;
    }

    private static async Task<byte[]> ReadAsync(Uri page)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(page);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _all = new();

        public IEnumerable<string> All => _all;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _all.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}

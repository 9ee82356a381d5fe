using System.Security.Cryptography;
using System.Text;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Privacy;
using EdgeGate.Mqtt;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Cli;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Settings;
using EdgeGate.Service.Tests.Uplink;
using EdgeGate.Service.Time;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Registers;

/// <summary>An office that keeps a list and publishes it by the command line, a real broker, and a gate that follows.</summary>
public sealed class CentralRegistersTests : IAsyncLifetime, IDisposable
{
    private static readonly SiteTopics Topics = new("estate");

    private readonly TemporaryDirectory _directory = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CommandKeyRing _ring = new();
    private readonly RegisterShelf _shelf = new();
    private readonly ListLogger<CentralRegisters> _log = new();
    private readonly List<MqttLink> _links = [];
    private TestBroker? _broker;
    private string _office = "", _keyFile = "";

    private RegisterStore Gate => new(_directory["gate-registers"]);

    public async Task InitializeAsync()
    {
        if (!TestBroker.IsInstalled)
            return;
        _broker = await TestBroker.StartAsync();
        _keyFile = _directory.Write("office.private.pem", _key.ExportPkcs8PrivateKeyPem());
        _ring.Add(new CommandKey("office", _key.ExportSubjectPublicKeyInfoPem()));
        _office = _directory.Write("gate.json", SmallSettings.With("\"host\": \"localhost\"", $"\"host\": \"127.0.0.1\", \"port\": {_broker.Port}")
            .Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        foreach (var link in _links)
            await link.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    public void Dispose()
    {
        _ring.Dispose();
        _key.Dispose();
        _directory.Dispose();
    }

    [SkippableFact]
    public async Task What_the_office_publishes_is_on_the_gates_disk_and_changes_come_as_changes()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await ImportAsync("code,name\n" + string.Concat(Enumerable.Range(1, 20).Select(card => $"CARD-{card},测试一\n"))); // one more is then a change, not a new list
        await PublishAsync(); // and the gate was away
        using var gate = await StartGateAsync();
        await HasAsync(version: 1);
        await ImportAsync($"id,name\n{People.OtherNumber},测试二\n", "--merge");

        Assert.Contains("version 2 is at the broker (2 files", (await PublishAsync()).Output, StringComparison.Ordinal);

        await HasAsync(version: 2);
        Assert.True(File.Exists(_directory["gate-registers", "residents", "000000000002.delta"]));
        Assert.Equal(21, Gate.Load("residents").Register!.Persons.Count);
        await gate.StopAsync(CancellationToken.None).InTime();
    }

    [SkippableFact]
    public async Task An_altered_file_is_not_taken_and_the_whole_one_is_as_soon_as_it_is_there()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await ImportAsync($"id,name\n{People.Number},测试一\n");
        await PublishAsync();
        var (head, bytes) = new RegisterStore(_directory["data", "registers"]).Newest("residents")[0];
        var part = Topics.RegisterPart("residents", Messages.Registers.RegisterFile.Of(head, bytes), 0);
        await RetainAsync(part, [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);

        using var gate = await StartGateAsync();
        await Patience.Until(() => _shelf.Faults.ContainsKey("residents"));

        Assert.Equal("version 1 could not be fetched: version 1 is not what was announced: its hash is another", _shelf.Faults["residents"]);
        Assert.Null(Gate.Load("residents").Register);

        await RetainAsync(part, bytes);
        await PublishAsync(); // an announcement is heard again
        await HasAsync(version: 1);
        await Patience.Until(() => _shelf.Faults.IsEmpty);
        await gate.StopAsync(CancellationToken.None).InTime();
    }

    [SkippableFact]
    public async Task A_strangers_list_another_lists_and_an_older_one_are_refused_in_words()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var announced = new Messages.Registers.RegisterAnnouncement("estate", "residents", [new(3, 10, new string('a', 64))]);
        _shelf.Put(TestLists.Of("residents") with { Version = 5 });
        using var gate = await StartGateAsync();

        foreach (var (token, words) in new[]
        {
            (announced.Sign("office", thief), "its signature is not that of the key it names"),
            ((announced with { Name = "staff" }).Sign("office", _key), "it is of another site or list"),
            ((announced with { Site = "other" }).Sign("office", _key), "it is of another site or list"),
            (announced.Sign("office", _key), "it announces version 3, and this gate has 5: lists never go back"),
            ("{}", "it is no JWS in compact form"),
        })
        {
            await RetainAsync(Topics.Register("residents"), Encoding.ASCII.GetBytes(token));
            await Patience.Until(() => _shelf.Faults.GetValueOrDefault("residents") == $"an announcement was refused: {words}");
        }
        Assert.Empty(Gate.Names);
        await gate.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task A_directory_that_somebody_else_made_their_own_is_told_of_and_stops_no_gate()
    {
        Directory.CreateDirectory(_directory["gate-registers", ".lock"]); // cannot be opened, as a file of root's cannot
        var bytes = "a list"u8.ToArray();
        var file = new Messages.Registers.RegisterFile(1, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        await using var link = new FakeLink(window: 8);
        await using var fetching = new FakeLink(window: 8);
        using var gate = await FollowAsync(link, fetching, file);
        var part = Topics.RegisterPart("residents", file, 0);
        await Patience.Until(() => fetching.Handlers.ContainsKey(part));

        await fetching.Handlers[part](new() { Topic = part, Payload = bytes }, CancellationToken.None);

        await Patience.Until(() => !_shelf.Faults.IsEmpty || gate.ExecuteTask!.IsCompleted);
        Assert.StartsWith("version 1 could not be fetched: ", _shelf.Faults["residents"], StringComparison.Ordinal);
        await gate.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task A_part_that_comes_once_more_changes_nothing_of_what_is_being_verified()
    {
        var (keys, office) = (new PersonKeys(new byte[32]), new RegisterStore(_directory["office"]));
        office.Write("residents", [.. Enumerable.Range(0, 30_000).Select(person => TestLists.Entry(keys, $"{person}"))]);
        var (head, bytes) = office.Newest("residents")[0];
        var file = Messages.Registers.RegisterFile.Of(head, bytes);
        Assert.True(file.Parts > 1);
        await using var link = new FakeLink(window: 8);
        await using var fetching = new FakeLink(window: 8);
        using var gate = await FollowAsync(link, fetching, file);
        for (var part = 0; part < file.Parts; part++)
        {
            await BringAsync(part, bytes.AsMemory(part * Messages.Registers.RegisterFile.PartLength)[..Math.Min(Messages.Registers.RegisterFile.PartLength, bytes.Length - (part * Messages.Registers.RegisterFile.PartLength))]);
            if (part == 0)
                await BringAsync(0, new byte[Messages.Registers.RegisterFile.PartLength]); // what a broker might send while the hash is made
        }

        await Patience.Until(() => Gate.Load("residents").Register is not null || !_shelf.Faults.IsEmpty);
        Assert.Empty(_shelf.Faults);
        await gate.StopAsync(CancellationToken.None).InTime();

        async Task BringAsync(int part, ReadOnlyMemory<byte> payload)
        {
            var topic = Topics.RegisterPart("residents", file, part);
            await Patience.Until(() => fetching.Handlers.ContainsKey(topic));
            await fetching.Handlers[topic](new() { Topic = topic, Payload = payload }, CancellationToken.None);
        }
    }

    [SkippableFact]
    public async Task A_list_of_the_center_is_not_changed_at_the_gate()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        _directory.Write("office.public.pem", _key.ExportSubjectPublicKeyInfoPem());
        var text = (await File.ReadAllTextAsync(_office)).Replace(
            "\"rules\": {}",
            $"\"rules\": {{}}, \"commands\": {{ \"keys\": [{{ \"id\": \"office\", \"publicKeyFile\": \"{_directory["office.public.pem"]}\" }}] }}, \"registers\": {{ \"central\": [\"residents\"] }}",
            StringComparison.Ordinal);
        await File.WriteAllTextAsync(_office, text);

        var said = await CommandLine.RunAsync("register", "import", "residents", _directory.Write("list.csv", "id\n"), "-s", _office);

        Assert.Equal("residents is kept by the center (registers.central in the settings): change it there.\n", said.Errors);
    }

    /// <summary>A gate that has just heard that there is such a list.</summary>
    private async Task<CentralRegisters> FollowAsync(FakeLink link, FakeLink fetching, Messages.Registers.RegisterFile file)
    {
        _ring.Add(new CommandKey("the-office", _key.ExportSubjectPublicKeyInfoPem()));
        var gate = new CentralRegisters(
            new RegisterSettings { Central = ["residents"] }, Topics, Gate, _shelf, _ring, link, () => fetching, new GateClock(TimeProvider.System, Guid.NewGuid(), () => true), TimeProvider.System, _log);
        await gate.StartAsync(CancellationToken.None);
        var announced = new Messages.Registers.RegisterAnnouncement("estate", "residents", [file]).Sign("the-office", _key);
        await link.Handlers[Topics.Register("residents")](new() { Topic = Topics.Register("residents"), Payload = Encoding.ASCII.GetBytes(announced) }, CancellationToken.None);
        return gate;
    }

    private async Task<CentralRegisters> StartGateAsync()
    {
        var time = TimeProvider.System; // sockets and files here are real
        var link = Link("gate");
        var clock = new GateClock(time, Guid.NewGuid(), () => true);
        var gate = new CentralRegisters(
            new RegisterSettings { Central = ["residents"] }, Topics, Gate, _shelf, _ring, link, () => Link("gate-registers"), clock, time, _log);
        await gate.StartAsync(CancellationToken.None);
        await link.StartAsync(CancellationToken.None);
        return gate;
    }

    private MqttLink Link(string client)
    {
        var link = new MqttLink(
            new MqttLinkOptions { Endpoints = [new MqttEndpoint("127.0.0.1", _broker!.Port)], ClientId = client, SessionExpiry = TimeSpan.Zero }, TimeProvider.System);
        _links.Add(link);
        return link;
    }

    private Task HasAsync(long version) => Patience.Until(() => Gate.Load("residents").Register?.Version == version);

    private async Task ImportAsync(string csv, params string[] options)
    {
        var said = await CommandLine.RunAsync(["register", "import", "residents", _directory.Write("list.csv", csv), .. options, "-s", _office]);
        Assert.Equal("", said.Errors);
    }

    private async Task<CommandLine> PublishAsync()
    {
        var said = await CommandLine.RunAsync("register", "publish", "residents", "--key", _keyFile, "-s", _office);
        Assert.Equal("", said.Errors);
        return said;
    }

    private async Task RetainAsync(string topic, byte[] payload)
    {
        var link = Link($"test-{Guid.NewGuid():N}");
        await link.StartAsync(CancellationToken.None);
        while (!link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(topic), Payload = payload, Retain = true }, rowId: 1))
            await link.WaitForRoomAsync(CancellationToken.None).AsTask().InTime();
        await link.Acks.ReadAsync().AsTask().InTime();
    }

    [Fact]
    public async Task A_refusal_is_forgotten_when_the_centers_own_announcement_is_followed()
    {
        await using var link = new FakeLink(window: 8);
        await using var fetching = new FakeLink(window: 8);
        _shelf.Put(TestLists.Of("residents") with { Version = 5 });
        using var gate = await FollowAsync(link, fetching, new(5, 10, new string('a', 64)));

        await HearAsync(link, "{}");
        Assert.Equal("an announcement was refused: it is no JWS in compact form", _shelf.Faults["residents"]);
        await HearAsync(link, new Messages.Registers.RegisterAnnouncement("estate", "residents", [new(5, 10, new string('a', 64))]).Sign("the-office", _key));

        await Patience.Until(() => _shelf.Faults.IsEmpty);
        await gate.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task A_strangers_announcement_does_not_hide_that_a_list_is_damaged()
    {
        await using var link = new FakeLink(window: 8);
        await using var fetching = new FakeLink(window: 8);
        _shelf.KeepMissing("residents", 5, "version 5 was damaged: send the whole list anew");
        using var gate = await FollowAsync(link, fetching, new(5, 10, new string('a', 64)));
        await Patience.Until(() => fetching.Handlers.Count > 0); // it has begun to fetch

        await HearAsync(link, "{}");

        Assert.Equal("version 5 was damaged: send the whole list anew", _shelf.Faults["residents"]);
        await gate.StopAsync(CancellationToken.None).InTime();
    }

    private static async Task HearAsync(FakeLink link, string announcement) =>
        await link.Handlers[Topics.Register("residents")](new() { Topic = Topics.Register("residents"), Payload = Encoding.ASCII.GetBytes(announcement) }, CancellationToken.None);
}

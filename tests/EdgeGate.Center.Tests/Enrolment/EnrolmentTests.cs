using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeGate.Center.Cli;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Center.Tests.Enrolment;

/// <summary>Bundles, and what becomes of gates that are shut out: the command line and the store on a real database, inside this process.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class EnrolmentTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-enrolment-").FullName;
    private readonly ManualTime _time = new(Now);
    private readonly SampleGate _gate = new("estate", "north", Now.AddMinutes(-10));
    private NpgsqlDataSource _database = null!;
    private RecordStore _store = null!;
    private int _bundles;

    public async Task InitializeAsync()
    {
        _database = await server.NewAsync();
        _store = new RecordStore(_database, new Partitions(_database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180);
        await WriteSettingsAsync(withAuthority: true);
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task A_bundle_holds_what_the_gate_needs_and_nothing_that_only_the_center_may_have()
    {
        var bundle = await EnrolAsync("estate/north");

        Assert.Equal(("estate", "north", Now.AddDays(7)), (bundle.Site, bundle.Gate, bundle.Expires));
        using var certificate = X509Certificate2.CreateFromPem(bundle.Broker.CertificatePem!, bundle.Broker.KeyPem!);
        Assert.Equal("CN=estate.north", certificate.Subject);
        Assert.Equal("center-2026", Assert.Single(bundle.CommandKeys).Id);
        Assert.DoesNotContain("PRIVATE", bundle.CommandKeys[0].PublicPem + bundle.EvidenceKeyPem + bundle.Broker.AuthorityPem, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("1.bundle")));
        Assert.Contains("topic write edgegate/v1/estate/north/passages", await File.ReadAllLinesAsync(In("edgegate.acl")));
        Assert.Contains("X509 CRL", await File.ReadAllTextAsync(In("edgegate.crl")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_lists_of_passes_that_a_bundle_makes_a_gate_follow_are_there_to_be_sent_before_the_first_pass_is()
    {
        await EnrolAsync("estate/north"); // a center that makes no passes
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from register_version"));
        var settings = await File.ReadAllTextAsync(In("center-1.json"));
        await File.WriteAllTextAsync(In("center-1.json"), settings.Replace("\"sites\":", $"\"passKeyFile\": \"{In("command.pem")}\", \"sites\":", StringComparison.Ordinal));

        Assert.NotNull((await EnrolAsync("estate/north")).PassKeyPem);
        await EnrolAsync("estate/south");

        Assert.Equal("passes 1, revoked-passes 1", await ScalarAsync<string>("select string_agg(register || ' ' || version, ', ' order by register) from register_version where site = 'estate'"));
    }

    [SkippableFact]
    public async Task The_access_list_says_the_same_as_the_script_for_sites_without_a_center()
    {
        Skip.IfNot(File.Exists("/usr/bin/mosquitto_passwd"), TestBroker.NotInstalled);
        await EnrolAsync("estate/north");
        var theirs = Directory.CreateDirectory(In("script")).FullName;
        await File.WriteAllTextAsync(Path.Combine(theirs, "edgegate.acl"), "");
        using var script = System.Diagnostics.Process.Start("sh", [Path.Combine(Repository.Root, "hardware/deploy/mosquitto/add-gate.sh"), "estate", "north", theirs]);
        await script.WaitForExitAsync();

        Assert.Equal(
            (await File.ReadAllLinesAsync(Path.Combine(theirs, "edgegate.acl"))).Order(StringComparer.Ordinal),
            (await File.ReadAllLinesAsync(In("edgegate.acl"))).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task A_new_bundle_calls_the_certificate_before_back_and_replaces_the_gates_block_only()
    {
        await File.WriteAllTextAsync(In("edgegate.acl"), "# by hand\nuser center\ntopic read edgegate/#\n");
        var first = await EnrolAsync("estate/north");
        await EnrolAsync("estate/south");
        await EnrolAsync("estate/north");

        var acl = await File.ReadAllLinesAsync(In("edgegate.acl"));
        Assert.Equal(1, acl.Count(line => line == "user estate.north"));
        Assert.Equal(1, acl.Count(line => line == "user estate.south"));
        Assert.Equal(["# by hand", "user center", "topic read edgegate/#"], acl[..3]);
        using var certificate = X509Certificate2.CreateFromPem(first.Broker.CertificatePem!);
        Assert.True(IsRevoked(certificate));
    }

    [SkippableFact]
    public async Task Twenty_that_are_let_in_and_shut_out_at_once_all_stand_in_the_files()
    {
        var certificates = new List<X509Certificate2>();
        for (var gate = 0; gate < 10; gate++)
            certificates.Add(X509Certificate2.CreateFromPem((await EnrolAsync($"estate/old-{gate}")).Broker.CertificatePem!));

        var done = await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(gate => (Task<(int Exit, string Output, string Errors)>[])
        [
            Task.Run(() => RunAsync("gate", "add", $"estate/new-{gate}", "--out", In($"new-{gate}.bundle"))),
            Task.Run(() => RunAsync("gate", "revoke", $"estate/old-{gate}", "--reason", "stolen")),
        ]));

        Assert.All(done, command => Assert.True(command.Exit == ExitCode.Done, command.Errors));
        var users = (await File.ReadAllLinesAsync(In("edgegate.acl"))).Where(line => line.StartsWith("user ", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, 10).Select(gate => $"user estate.new-{gate}"), users.Order(StringComparer.Ordinal));
        Assert.All(certificates, certificate => Assert.True(IsRevoked(certificate)));
        certificates.ForEach(certificate => certificate.Dispose());
    }

    [SkippableFact]
    public async Task Without_an_authority_the_gate_gets_a_password_in_mosquittos_own_form()
    {
        await WriteSettingsAsync(withAuthority: false);
        var bundle = await EnrolAsync("estate/north");

        Assert.Equal(("estate.north", null), (bundle.Broker.User, bundle.Broker.CertificatePem));
        var line = Assert.Single(await File.ReadAllLinesAsync(In("edgegate.passwd")));
        Assert.DoesNotContain(bundle.Broker.Password!, line, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await RunAsync("gate", "revoke", "estate/north", "--reason", "stolen")).Exit);
        Assert.Empty(await File.ReadAllLinesAsync(In("edgegate.passwd")));
    }

    [SkippableFact]
    public async Task The_ticket_pins_the_key_that_is_shown_with_it_once_and_a_second_key_is_seen()
    {
        var bundle = await EnrolAsync("estate/north");
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var other = Messages.Privacy.P256Key.Of(thief);

        await CommitAsync(State(other, null)); // anybody who may publish there
        Assert.Null(await PinnedAsync());
        await CommitAsync(State(other, bundle.Ticket.Prove("estate", "north", _gate.Key.Kid))); // the proof of another key
        Assert.Null(await PinnedAsync());
        await CommitAsync(State(_gate.Key, bundle.Ticket.Prove("estate", "north", _gate.Key.Kid)));
        Assert.Equal(_gate.Key.X, await PinnedAsync());

        await CommitAsync(State(other, bundle.Ticket.Prove("estate", "north", other.Kid))); // a copy of the bundle
        Assert.Equal(_gate.Key.X, await PinnedAsync());
        Assert.Contains($"its bundle was used again by key {other.Kid}", (await RunAsync("gate", "list")).Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_last_will_in_the_same_batch_does_not_hide_the_proof()
    {
        var bundle = await EnrolAsync("estate/north");

        await CommitAsync(State(_gate.Key, bundle.Ticket.Prove("estate", "north", _gate.Key.Kid)), Will());

        Assert.Equal(_gate.Key.X, await PinnedAsync());
        Assert.False(await ScalarAsync<bool>("select online from gate_report"));
    }

    [SkippableFact]
    public async Task A_ticket_that_is_too_old_or_replaced_by_a_newer_one_pins_nothing()
    {
        var first = await EnrolAsync("estate/north");
        var second = await EnrolAsync("estate/north");
        await CommitAsync(State(_gate.Key, first.Ticket.Prove("estate", "north", _gate.Key.Kid)));
        Assert.Null(await PinnedAsync());

        _time.Advance(TimeSpan.FromDays(8));
        await CommitAsync(State(_gate.Key, second.Ticket.Prove("estate", "north", _gate.Key.Kid)));
        Assert.Null(await PinnedAsync());
    }

    [SkippableFact]
    public async Task What_a_revoked_gate_sends_is_set_aside_with_the_reason_and_gets_no_receipt_until_it_is_let_in_again()
    {
        await EnrolAsync("estate/north");
        Assert.Equal(1, Assert.Single(await CommitAsync(_gate.Decide())).UpTo);

        var said = await RunAsync("gate", "revoke", "estate/north", "--reason", "stolen");
        Assert.Equal(ExitCode.Done, said.Exit);
        Assert.Empty(await CommitAsync(_gate.Decide(), _gate.Decide()));

        Assert.Equal(1L, await ScalarAsync<long>("select count(*) from record"));
        Assert.Equal(2L, await ScalarAsync<long>("select count(*) from set_aside where reason = 'the gate was revoked on 2026-11-22 08:00: stolen' and payload is not null"));
        Assert.Equal(0L, await ScalarAsync<long>("select count(*) from unknown_gate"));
        Assert.DoesNotContain("user estate.north", await File.ReadAllLinesAsync(In("edgegate.acl")));
        Assert.Contains("revoked on 2026-11-22: stolen", (await RunAsync("gate", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await RunAsync("gate", "revoke", "estate/north", "--reason", "again")).Exit);

        await EnrolAsync("estate/north"); // it was found: what waited at it comes, and goes on where it was
        Assert.Equal(3, Assert.Single(await CommitAsync(_gate.Again(2), _gate.Again(3))).UpTo);
    }

    [SkippableFact]
    public async Task Another_box_in_its_place_begins_at_number_1_and_what_was_sent_before_stays()
    {
        await EnrolAsync("estate/north");
        await CommitAsync(_gate.Decide(), _gate.Decide());

        await EnrolAsync("estate/north", verb: "replace");
        var box = new SampleGate("estate", "north", Now);
        Assert.Equal(1, Assert.Single(await CommitAsync(box.Decide())).UpTo);

        Assert.Equal(3L, await ScalarAsync<long>("select count(*) from record"));
        Assert.Matches("estate/north~1 .*retired on", (await RunAsync("gate", "list")).Output);
    }

    [SkippableFact]
    public async Task A_bundle_that_cannot_be_written_or_a_name_that_is_none_changes_nothing()
    {
        await EnrolAsync("estate/north");
        Assert.Equal(ExitCode.Failed, (await RunAsync("gate", "add", "estate/south", "--out", In("1.bundle"))).Exit); // it is there already
        Assert.Equal(ExitCode.Unusable, (await RunAsync("gate", "add", "estate/occupancy", "--out", In("x"))).Exit);
        Assert.Equal(ExitCode.Unusable, (await RunAsync("gate", "add", "elsewhere/north", "--out", In("x"))).Exit);

        Assert.Equal(1L, await ScalarAsync<long>("select count(*) from gate"));
        Assert.False(File.Exists(In("x")));
    }

    private string In(string name) => Path.Combine(_folder, name);

    private async Task<EnrolmentBundle> EnrolAsync(string gate, string verb = "add")
    {
        var file = In($"{++_bundles}.bundle");
        var (exit, output, errors) = await RunAsync("gate", verb, gate, "--out", file);
        Assert.True(exit == ExitCode.Done, errors);
        return SealedBundle.Open(await File.ReadAllBytesAsync(file), output.Trim()[(output.Trim().LastIndexOf(' ') + 1)..]);
    }

    private bool IsRevoked(X509Certificate2 certificate)
    {
        var list = CertificateRevocationListBuilder.LoadPem(File.ReadAllText(In("edgegate.crl")), out _);
        return list.RemoveEntry(certificate.SerialNumberBytes.Span);
    }

    private MqttInbound State(Messages.Privacy.P256Key key, EnrolmentProof? proof, long? session = null) => new()
    {
        Topic = _gate.Topics.State,
        Payload = JsonSerializer.SerializeToUtf8Bytes(new GateStateMessage { Gate = "north", Online = true, SigningKey = key, Enrolment = proof, Session = session }, RecordShapes.Default.GateStateMessage),
    };

    private MqttInbound Will(long? session = null) => new()
    {
        Topic = _gate.Topics.State,
        Payload = JsonSerializer.SerializeToUtf8Bytes(new GateStateMessage { Gate = "north", Online = false, Session = session }, RecordShapes.Default.GateStateMessage),
    };

    private Task<IReadOnlyList<Receipt>> CommitAsync(params MqttInbound[] messages) => _store.CommitAsync(Intake.Read(messages), CancellationToken.None);

    private Task<string?> PinnedAsync() => ScalarAsync<string>("select signing_key->>'X' from gate where name = 'north'");

    private async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await _database.OpenConnectionAsync();
        return await connection.Sql(sql).ScalarAsync<T>(CancellationToken.None);
    }

    private async Task WriteSettingsAsync(bool withAuthority)
    {
        using var authority = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Gates", authority, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddYears(10));
        await File.WriteAllTextAsync(In("gates.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(In("gates.key"), authority.ExportPkcs8PrivateKeyPem());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(In("command.pem"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(In("evidence.pem"), key.ExportSubjectPublicKeyInfoPem());
        await File.WriteAllTextAsync(In("site.key"), Convert.ToBase64String(new byte[32]));
        var name = new NpgsqlConnectionStringBuilder(_database.ConnectionString).Database!;
        var vouching = withAuthority ? $", \"gateAuthorityFile\": \"{In("gates.pem")}\", \"gateAuthorityKeyFile\": \"{In("gates.key")}\"" : "";
        await Fleet.CenterProcess.WriteSettingsAsync(_folder, "center-1", server.Postgres!, name, brokerPort: 1883, webPort: 8090,
            $$"""
            "commandKey": { "id": "center-2026", "privateKeyFile": "{{In("command.pem")}}" },
            "sites": [{ "id": "estate", "siteKeyFile": "{{In("site.key")}}" }],
            "enrolment": {
              "host": "broker.example", "caFile": "{{In("gates.pem")}}", "accessDirectory": "{{_folder}}", "evidencePublicKeyFile": "{{In("evidence.pem")}}"{{vouching}}
            }
            """);
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var exit = await CenterCommand.Create(_time).Parse([.. arguments, "--config", In("center-1.json")])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { Output = output, Error = errors });
        return (exit, output.ToString(), errors.ToString());
    }
}

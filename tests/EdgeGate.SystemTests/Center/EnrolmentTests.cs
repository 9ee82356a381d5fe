using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGate.Center;
using EdgeGate.Center.Cli;
using EdgeGate.Center.Database;
using EdgeGate.Center.Enrolment;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Settings;
using EdgeGate.Devices.Ports;
using EdgeGate.Journal;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Service;
using EdgeGate.Service.Enrolment;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;
using EdgeGate.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EdgeGate.SystemTests.Center;

/// <summary>
/// From the center's bundle to a record of the gate at the center, over a mosquitto that lets nobody in without a certificate and holds everybody to the access list of
/// hardware/deploy. Gate and center run within the test.
/// </summary>
public sealed class EnrolmentTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-enrolment-").FullName;
    private readonly ECDsa _commandKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private TestBroker? _broker;
    private PrivatePostgres? _postgres;

    public async Task InitializeAsync()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        Skip.IfNot(PrivatePostgres.IsInstalled, PrivatePostgres.NotInstalled);
        using (var authority = MakeAuthority("broker-ca"))
            WriteServerCertificate(authority);
        MakeAuthority("gates").Dispose();
        await File.WriteAllTextAsync(In("command.key"), _commandKey.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(In("evidence.pem"), _commandKey.ExportSubjectPublicKeyInfoPem());
        await File.WriteAllTextAsync(In("site.key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        File.Copy(Path.Combine(Repository.Root, "hardware/deploy/mosquitto/edgegate.acl"), In("edgegate.acl"));
        using (var gates = GateAuthority.Read(In("gates.pem"), In("gates.key"), TimeProvider.System))
        {
            await File.WriteAllTextAsync(In("edgegate.crl"), gates.RevocationList([]));
            var center = gates.Issue("center", days: 30);
            await File.WriteAllTextAsync(In("center.pem"), center.CertificatePem);
            await File.WriteAllTextAsync(In("center.key"), center.KeyPem);
        }
        _broker = await TestBroker.StartAsync(
            $"cafile {In("gates.pem")}", $"certfile {In("broker.pem")}", $"keyfile {In("broker.key")}", "require_certificate true", "use_identity_as_username true",
            $"crlfile {In("edgegate.crl")}", $"acl_file {In("edgegate.acl")}");
        _postgres = await PrivatePostgres.StartAsync("fsync=off");
        await File.WriteAllTextAsync(In("center.json"),
            $$"""
            {
              "database": { "host": "{{_postgres.Folder}}", "port": {{_postgres.Port}}, "name": "postgres", "user": "{{PrivatePostgres.User}}" },
              "broker": { "host": "127.0.0.1", "port": {{_broker.Port}}, "caFile": "{{In("broker-ca.pem")}}", "clientCertificateFile": "{{In("center.pem")}}", "clientKeyFile": "{{In("center.key")}}" },
              "commandKey": { "id": "center-2026", "privateKeyFile": "{{In("command.key")}}" },
              "sites": [{ "id": "estate", "siteKeyFile": "{{In("site.key")}}" }],
              "enrolment": {
                "host": "127.0.0.1", "port": {{_broker.Port}}, "caFile": "{{In("broker-ca.pem")}}", "accessDirectory": "{{_folder}}", "evidencePublicKeyFile": "{{In("evidence.pem")}}",
                "gateAuthorityFile": "{{In("gates.pem")}}", "gateAuthorityKeyFile": "{{In("gates.key")}}"
              },
              "web": { "address": "http://127.0.0.1:{{FreeTcpPort.Take()}}" }
            }
            """);
    }

    public async Task DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        _commandKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task A_box_becomes_a_gate_by_its_bundle_alone_and_is_shut_out_again()
    {
        await AskAsync("migrate");
        var said = (await AskAsync("gate", "add", "estate/north", "--out", In("north.bundle"))).Trim();
        await _broker!.SignalAsync("HUP"); // systemctl reload mosquitto
        await using var center = CenterHost.Build(CenterSettingsFile.Read(In("center.json")), TimeProvider.System);
        await center.StartAsync(CancellationToken.None);

        var settings = Enrol(passphrase: said[(said.LastIndexOf(' ') + 1)..]);
        await using var gate = await GateHost.BuildAsync(settings, GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory), TimeProvider.System, CancellationToken.None);
        await gate.StartAsync(CancellationToken.None);
        await HoldsAsync("select signing_key is not null from gate", "the gate's own key is believed");
        Command(center, gate: "estate/north");
        await HoldsAsync("select count(*) > 0 from record", "the command's record is at the center");
        await HoldsAsync(() => gate.Services.GetRequiredService<GateJournal>() is { LastSequence: > 0 } journal && journal.AcknowledgedUpTo == journal.LastSequence, "the receipt is at the gate");

        Assert.Equal(0, await PublishAsync("gate"));
        await AskAsync("gate", "revoke", "estate/north", "--reason", "stolen");
        await _broker.SignalAsync("HUP");
        await HoldsAsync(async () => await PublishAsync("gate") != 0, "the certificate opens nothing any more");
        Assert.Equal(0, await PublishAsync("center"));
        await gate.StopAsync(CancellationToken.None);
        await center.StopAsync(CancellationToken.None);
    }

    /// <summary>What <c>edgegate enroll</c> does.</summary>
    private GateSettings Enrol(string passphrase)
    {
        File.WriteAllText(In("gate.json"),
            $$"""
            {
              "site": "none", "gate": "none", // what the box was called before
              "dataDirectory": "{{In("data")}}",
              "web": { "address": "http://localhost:{{FreeTcpPort.Take()}}" },
              "lanes": [{ "id": "lane-1", "direction": "entry", "evidence": ["identity"], "readers": [{ "id": "phone", "kind": "handheld" }], "portal": { "id": "guard", "kind": "none" } }],
            }
            """);
        var bundle = SealedBundle.Open(File.ReadAllBytes(In("north.bundle")), passphrase);
        var (directory, result) = GateEnrolment.Apply(bundle, In("gate.json"), TimeProvider.System.GetUtcNow());
        foreach (var name in (string[])["gate.pem", "gate.key"])
            File.Copy(Path.Combine(directory, name), In(name));
        return Assert.IsType<SettingsResult.Valid>(result).Settings;
    }

    private void Command(WebApplication center, string gate)
    {
        var now = TimeProvider.System.GetUtcNow();
        var command = new IdentifyCommand { Gate = gate, Id = Guid.NewGuid().ToString("N"), IssuedAt = now, Expires = now.AddSeconds(60) };
        center.Services.GetRequiredService<CenterOutbox>().PostCommand(new GateName("estate", "north"), CommandToken.Sign(command, "center-2026", _commandKey), command.Id);
    }

    /// <returns>Exit code of a client that shows this certificate.</returns>
    private async Task<int> PublishAsync(string who)
    {
        using var client = Process.Start(new ProcessStartInfo("mosquitto_pub",
            ["-h", "127.0.0.1", "-p", $"{_broker!.Port}", "--cafile", In("broker-ca.pem"), "--cert", In(who + ".pem"), "--key", In(who + ".key"), "-i", "test", "-q", "1", "-t", "edgegate/v1/estate/north/receipt", "-m", ""])
        { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await client.WaitForExitAsync();
        return client.ExitCode;
    }

    private async Task<string> AskAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var exit = await CenterCommand.Create(TimeProvider.System).Parse([.. arguments, "--config", In("center.json")]).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
        Assert.True(exit == 0, errors.ToString());
        return output.ToString();
    }

    private Task HoldsAsync(string sql, string what) => HoldsAsync(async () =>
    {
        await using var database = NpgsqlDataSource.Create(_postgres!.ConnectionString());
        await using var connection = await database.OpenConnectionAsync();
        return await connection.Sql(sql).ScalarAsync<bool>(CancellationToken.None);
    }, what);

    private static Task HoldsAsync(Func<bool> holds, string what) => HoldsAsync(() => Task.FromResult(holds()), what);

    private static async Task HoldsAsync(Func<Task<bool>> holds, string what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"waited in vain: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private string In(string name) => Path.Combine(_folder, name);

    private X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = TimeProvider.System.GetUtcNow();
        var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(60));
        File.WriteAllText(In(name + ".pem"), authority.ExportCertificatePem());
        File.WriteAllText(In(name + ".key"), key.ExportPkcs8PrivateKeyPem());
        return authority;
    }

    private void WriteServerCertificate(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=broker", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(authority, now.AddHours(-2), now.AddDays(30), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(In("broker.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(In("broker.key"), key.ExportPkcs8PrivateKeyPem());
    }
}

using System.Buffers;
using System.Security.Cryptography;
using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Tracing;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Center.Tests.Tracing;

[Collection(nameof(CenterDatabase))]
public sealed class EvidenceFileTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Now);
    private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly Asker _asker = Asker.Of("officer-1", "case 17", out _)!;
    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync()
    {
        _database = await server.NewAsync();
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now())").RunAsync(CancellationToken.None);
        await new RecordStore(_database, new Partitions(_database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180)
            .CommitAsync(Intake.Read([new MqttInbound { Topic = "edgegate/v1/estate/north/passages", Payload = Record() }]), CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        _key.Dispose();
    }

    [SkippableFact]
    public async Task It_opens_with_its_key_only_and_every_opening_is_on_record()
    {
        var evidence = new EvidenceFile(_database, new Audit(_time));

        Assert.Equal("{\"name\":\"测试甲\"}"u8.ToArray(), await evidence.OpenAsync("estate", "north", 1, _key, _asker, CancellationToken.None));
        Assert.Null(await evidence.OpenAsync("estate", "north", 2, _key, _asker, CancellationToken.None));
        using var other = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        await Assert.ThrowsAnyAsync<CryptographicException>(() => evidence.OpenAsync("estate", "north", 1, other, _asker, CancellationToken.None));

        await using var connection = await _database.OpenConnectionAsync();
        Assert.Equal(
            [("officer-1", "case 17", "estate/north/1", 1), ("officer-1", "case 17", "estate/north/2", 0)],
            await connection.Sql("select asked_by, purpose, details->>'record', answers from audit where action = 'open-evidence' order by id")
                .ListAsync(row => (row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3)), CancellationToken.None));
    }

    private byte[] Record()
    {
        using var seal = new EvidenceSeal(_key.ExportSubjectPublicKeyInfoPem());
        var payload = new ArrayBufferWriter<byte>();
        RecordEnvelope.Write(payload, "estate", "north", 1, DecidedRecord.Type, Now, new DecidedRecord
        {
            Lane = "lane-1",
            Direction = Direction.Entry,
            Reader = "reader",
            Credential = CredentialKind.IdCard,
            Outcome = Outcome.Granted,
            Reasons = [],
            Rules = [],
            Clock = new(Guid.Empty, 1, ClockGrade.Synchronised),
            Sealed = seal.Seal("{\"name\":\"测试甲\"}"u8),
        }, RecordShapes.Default.DecidedRecord);
        return payload.WrittenSpan.ToArray();
    }
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;

namespace EdgeGate.Benchmarks.Wear;

/// <summary>The two records of one pass of an invented person, as the gate writes them.</summary>
internal sealed record RecordSamples(byte[] Decided, byte[] Passage)
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 8, 0, 0, TimeSpan.FromHours(8));
    private static readonly ClockRecord Clock = new(Guid.Parse("0f2f6f0e-8f6e-4d52-9a43-0c9a4f1c4b6d"), 86_400.125, ClockGrade.Synchronised);

    public static RecordSamples Make()
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var seal = new EvidenceSeal(key.ExportSubjectPublicKeyInfoPem());
        return new RecordSamples(Encode(1, DecidedRecord.Type, DecidedOf(seal), RecordShapes.Default.DecidedRecord), Encode(2, PassageRecord.Type, PassageOf(1), RecordShapes.Default.PassageRecord));
    }

    public static byte[] Encode<T>(long sequence, string type, T record, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> shape)
    {
        var payload = new ArrayBufferWriter<byte>();
        RecordEnvelope.Write(payload, "estate", "gate-1", sequence, type, At, record, shape);
        return payload.WrittenSpan.ToArray();
    }

    public static DecidedRecord DecidedOf(EvidenceSeal seal) => new()
    {
        Lane = "lane-1",
        Direction = Direction.Entry,
        Reader = "reader-1",
        Credential = CredentialKind.IdCard,
        Person = new PersonKeys(new byte[32]).KeyOf("id", Number),
        MaskedName = MaskedName.Of(Name),
        Outcome = Outcome.Granted,
        Reasons = [],
        Rules = [new("encounter", null, null), new("id-card", null, null), new("credential-group", null, null), new("temperature", null, null)],
        Clock = Clock,
        Sealed = seal.Seal(Evidence()),
    };

    public static PassageRecord PassageOf(long decision) => new()
    {
        Lane = "lane-1",
        Decision = decision,
        Portal = PortalMovement.Opened,
        Passage = PassageOutcome.Unobserved,
        Clock = Clock,
    };

    public static byte[] Evidence() => JsonSerializer.SerializeToUtf8Bytes(
        new SealedEvidence
        {
            Number = Number,
            Name = Name,
            ValidFrom = new DateOnly(2020, 1, 1),
            ValidTo = new DateOnly(2040, 1, 1),
            Body = 36.62m,
            Surface = 34.1m,
            Ambient = 21.5m,
        },
        RecordShapes.Default.SealedEvidence);

    private const string Name = "测试一";
    private const string Number = "99999919900101001X";
}

using System.Buffers;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Wear;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;

namespace EdgeGate.Benchmarks.Inner;

/// <summary>From a decision to the bytes on disk.</summary>
public class Recording
{
    private const int FrameBytes = JournalBench.PayloadBytes + RecordFrame.HeaderLength;
    private readonly ArrayBufferWriter<byte> _to = new(4096);
    private readonly byte[] _payload = new byte[JournalBench.PayloadBytes];
    private readonly byte[] _evidence = RecordSamples.Evidence();
    private readonly byte[] _frame = RecordFrame.Encode(FrameKind.Record, 1, DateTimeOffset.UnixEpoch, new ChainHash(1, 1), new byte[JournalBench.PayloadBytes]);
    private readonly PersonKeys _persons = new(new byte[32]);
    private readonly EvidenceSeal _seal = NewSeal();
    private readonly DecidedRecord _decided = RecordSamples.DecidedOf(NewSeal());
    private readonly ECDsa _signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _signature;

    public Recording() => _signature = _signer.SignData(_payload, HashAlgorithmName.SHA256);

    [Benchmark(Description = "evidence sealed (JWE, new key agreement each 1,000)")]
    public string Seal() => _seal.Seal(_evidence);

    [Benchmark(Description = "person key (HMAC-SHA-256)")]
    public string PersonKey() => _persons.KeyOf("id", "99999919900101001X");

    [Benchmark(Description = "decided record to JSON")]
    public int Envelope()
    {
        _to.ResetWrittenCount();
        RecordEnvelope.Write(_to, "estate", "gate-1", 1, DecidedRecord.Type, DateTimeOffset.UnixEpoch, _decided, RecordShapes.Default.DecidedRecord);
        return _to.WrittenCount;
    }

    [Benchmark(Description = "chain hash"), Bytes(JournalBench.PayloadBytes)]
    public ChainHash Chain() => ChainHash.Next("estate/gate-1", 1, default, _payload);

    [Benchmark(Description = "limit: SHA-256 in one call"), Bytes(JournalBench.PayloadBytes)]
    public bool Sha256()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        return SHA256.TryHashData(_payload, hash, out _);
    }

    [Benchmark(Description = "record frame written"), Bytes(FrameBytes)]
    public byte[] WriteFrame() => RecordFrame.Encode(FrameKind.Record, 1, DateTimeOffset.UnixEpoch, default, _payload);

    [Benchmark(Description = "record frame read and checked"), Bytes(FrameBytes)]
    public bool ReadFrame() => RecordFrame.TryDecode(FrameKind.Record, _frame, out _);

    [Benchmark(Description = "limit: ES256 signature made")]
    public byte[] Sign() => _signer.SignData(_payload, HashAlgorithmName.SHA256);

    [Benchmark(Description = "limit: ES256 signature checked")]
    public bool Verify() => _signer.VerifyData(_payload, _signature, HashAlgorithmName.SHA256);

    private static EvidenceSeal NewSeal()
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return new EvidenceSeal(key.ExportSubjectPublicKeyInfoPem());
    }
}

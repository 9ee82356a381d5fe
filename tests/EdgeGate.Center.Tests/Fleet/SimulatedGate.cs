using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;

namespace EdgeGate.Center.Tests.Fleet;

/// <summary>
/// As little of a gate as a center can see: records with a chain, kept until a receipt with the right hash covers them, and sent again when none comes.
/// Not thread-safe.
/// </summary>
internal sealed class SimulatedGate(string site, string name, TimeProvider time)
{
    private static readonly Guid Boot = Guid.NewGuid();
    private static readonly string Sealed = "e30.." + new string('A', 700); // as long as evidence is
    private readonly List<(byte[] Payload, ChainHash Hash, long MadeAt)> _kept = [];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private ChainHash _chain;
    private long _progressAt = time.GetTimestamp();

    public GateTopics Topics { get; } = new(site, name);
    public byte[] PassagesTopic { get; } = Encoding.UTF8.GetBytes(new GateTopics(site, name).Passages);
    public string Name => name;
    public long Made { get; private set; }
    public long ReceiptedUpTo { get; private set; }
    public int RefusedReceipts { get; private set; }
    public string Chain => _chain.ToString();

    /// <summary>The highest number handed to the link.</summary>
    public long SentUpTo { get; private set; }

    public void Make(int person)
    {
        Made++;
        var key = SHA256.HashData(BitConverter.GetBytes(person));
        var decided = new DecidedRecord
        {
            Lane = "lane-1",
            Direction = Direction.Entry,
            Reader = "id-card-reader",
            Credential = CredentialKind.IdCard,
            Person = System.Buffers.Text.Base64Url.EncodeToString(key),
            MaskedName = "测**",
            Outcome = Outcome.Granted,
            Reasons = [],
            Rules = [new("identity", null, null), new("register", null, null), new("temperature", null, null)],
            Clock = new(Boot, 1, ClockGrade.Synchronised),
            Sealed = Sealed,
        };
        _buffer.ResetWrittenCount();
        RecordEnvelope.Write(_buffer, site, name, Made, DecidedRecord.Type, time.GetUtcNow(), decided, RecordShapes.Default.DecidedRecord);
        var payload = _buffer.WrittenSpan.ToArray();
        _chain = ChainHash.Next($"{site}/{name}", Made, _chain, payload);
        if (_kept.Count == 0)
            _progressAt = time.GetTimestamp();
        _kept.Add((payload, _chain, time.GetTimestamp()));
    }

    /// <summary>The next record to send; null when all were sent.</summary>
    public byte[]? Next => SentUpTo < Made ? _kept[(int)(SentUpTo - ReceiptedUpTo)].Payload : null;

    public int LastPayloadBytes => _buffer.WrittenCount;

    public void Sent() => SentUpTo++;

    /// <summary>Without a receipt for so long, whatever is unconfirmed goes again.</summary>
    public void SendAgainAfter(TimeSpan patience)
    {
        if (_kept.Count == 0 || time.GetElapsedTime(_progressAt) < patience)
            return;
        (SentUpTo, _progressAt) = (ReceiptedUpTo, time.GetTimestamp());
    }

    /// <returns>How long each newly confirmed record waited for this, since it was made.</returns>
    public IEnumerable<TimeSpan> Confirm(ReceiptMessage receipt)
    {
        if (receipt.UpTo <= ReceiptedUpTo)
            return [];
        if (receipt.UpTo > Made || _kept[(int)(receipt.UpTo - ReceiptedUpTo) - 1].Hash.ToString() != receipt.Chain)
        {
            RefusedReceipts++;
            return [];
        }
        var count = (int)(receipt.UpTo - ReceiptedUpTo);
        var waited = _kept.Take(count).Select(record => time.GetElapsedTime(record.MadeAt)).ToArray();
        _kept.RemoveRange(0, count);
        (ReceiptedUpTo, _progressAt) = (receipt.UpTo, time.GetTimestamp());
        SentUpTo = Math.Max(SentUpTo, ReceiptedUpTo);
        return waited;
    }
}

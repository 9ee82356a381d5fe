namespace EdgeGate.Journal;

/// <summary>
/// Writes one record's payload. The journal gives the number first, so that the payload can name itself. Runs on the
/// journal's writer and must not block. It may run again, with another number, when damage or a full disk spoilt the first commit, so it
/// only encodes and changes nothing. If it throws, only its own append fails and the number goes to the next record.
/// </summary>
public delegate void RecordWriter(long sequence, System.Buffers.IBufferWriter<byte> payload);

/// <summary>One record as it lies on disk.</summary>
/// <param name="Sequence">1, 2, 3, … for this gate, never given twice.</param>
/// <param name="WrittenAt">The wall clock when it was written: for retention only. The clock may have been wrong.</param>
/// <param name="Hash">See <see cref="ChainHash"/>.</param>
/// <param name="Payload">The bytes the <see cref="RecordWriter"/> wrote.</param>
public sealed record JournalRecord(long Sequence, DateTimeOffset WrittenAt, ChainHash Hash, ReadOnlyMemory<byte> Payload);

namespace EdgeGate.Messages.Records;

/// <summary>From the center to one gate: everything up to and including this record is committed there.</summary>
/// <param name="Chain">
/// The gate's chain hash at that record, hexadecimal, as the center computed it from what it received. A receipt whose hash is not
/// the gate's own is about other records and moves nothing.
/// </param>
public sealed record ReceiptMessage(long UpTo, string Chain);

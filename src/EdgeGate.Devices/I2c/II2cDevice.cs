namespace EdgeGate.Devices.I2c;

/// <summary>What came of one transaction. None of these is exceptional on a bus of loose wires.</summary>
public enum I2cAnswer
{
    Done,

    /// <summary>Nobody acknowledged the address, or the bus hung until the time-out.</summary>
    NoAnswer,

    /// <summary>All bytes came, and their PEC does not fit.</summary>
    BadChecksum,

    /// <summary>The controller gave up for another reason, such as a lost arbitration.</summary>
    BusFault,
}

/// <summary>
/// One device on an I2C bus. Calls block for as long as the transfer takes: about 0.1 ms a byte at 100 kHz, and at most the
/// bus's time-out.
/// </summary>
public interface II2cDevice : IAsyncDisposable
{
    /// <summary>For messages: the bus and the address.</summary>
    string Name { get; }

    /// <summary>Writes the command, for most devices a register's number, and reads, after a repeated start, as many bytes as fit.</summary>
    I2cAnswer Read(byte command, Span<byte> bytes);

    /// <summary>SMBus "read word" with packet error code. A controller that can do none reads unchecked.</summary>
    I2cAnswer ReadWord(byte command, out ushort word);

    I2cAnswer Write(byte command, byte value);
}

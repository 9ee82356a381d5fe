using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.I2c;

/// <summary>A device as its bus sees it: bytes in, bytes out.</summary>
public interface IBusDevice
{
    /// <summary>Seven bits.</summary>
    byte Address { get; }

    /// <summary>One transaction: what was written, and after a repeated start as many bytes as are asked for.</summary>
    /// <returns>False when the device does not acknowledge.</returns>
    bool Transfer(ReadOnlySpan<byte> written, Span<byte> read);
}

/// <summary>A bus without a kernel, with one device on it. Its wires can be pulled and the bytes on them damaged.</summary>
public sealed class SimulatedI2cPort(IBusDevice device) : IDevicePort<II2cDevice>
{
    private byte Address => device.Address;

    public string Name { get; } = $"simulated bus address {device.Address:X2}";

    /// <summary>Nothing acknowledges, as with a pulled wire.</summary>
    public bool IsUnplugged { get; set; }

    /// <summary>This many of the next reads have one bit of their first byte turned over.</summary>
    public int Disturbed { get; set; }

    public ValueTask<II2cDevice> OpenAsync(CancellationToken cancellationToken) => IsUnplugged
        ? throw new DevicePortException(DevicePortFault.Absent, $"nothing answers at {Name}")
        : ValueTask.FromResult<II2cDevice>(new Line(this));

    private I2cAnswer Transfer(ReadOnlySpan<byte> written, Span<byte> read)
    {
        if (IsUnplugged || !device.Transfer(written, read))
            return I2cAnswer.NoAnswer;
        if (!read.IsEmpty && Disturbed > 0)
        {
            Disturbed--;
            read[0] ^= 0x10;
        }
        return I2cAnswer.Done;
    }

    private sealed class Line(SimulatedI2cPort port) : II2cDevice
    {
        public string Name => port.Name;

        public I2cAnswer Read(byte command, Span<byte> bytes) => port.Transfer([command], bytes);

        public I2cAnswer ReadWord(byte command, out ushort word)
        {
            Span<byte> reply = stackalloc byte[SmBusWord.Length];
            word = 0;
            var answer = port.Transfer([command], reply);
            return answer is I2cAnswer.Done && !SmBusWord.TryDecode(port.Address, command, reply, out word) ? I2cAnswer.BadChecksum : answer;
        }

        public I2cAnswer Write(byte command, byte value) => port.Transfer([command, value], []);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

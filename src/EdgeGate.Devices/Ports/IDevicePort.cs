using System.IO.Pipelines;

namespace EdgeGate.Devices.Ports;

/// <summary>Where a device is attached, and what opening it gives: a serial line, an address on an I2C bus, a set of GPIO lines.</summary>
public interface IDevicePort<TLine>
    where TLine : IAsyncDisposable
{
    /// <summary>The stable name a person would use for it, for example <c>/dev/serial/by-id/usb-…</c>.</summary>
    string Name { get; }

    /// <summary>Opens the line for exclusive use.</summary>
    /// <exception cref="DevicePortException">The port is absent, held by another program, not permitted, or of another kind.</exception>
    ValueTask<TLine> OpenAsync(CancellationToken cancellationToken);
}

/// <summary>Where a serial device is attached: a serial port, a serial-to-TCP box, or in tests a pair of pipes.</summary>
public interface IDevicePort : IDevicePort<IDeviceLine>;

/// <summary>
/// An open line. Disposing it wakes whoever waits on it and gives the port back within 10 ms: a waiting read ends as
/// completed, a waiting write fails with <see cref="DeviceLineLostException"/>.
/// </summary>
public interface IDeviceLine : IAsyncDisposable
{
    /// <summary>
    /// Bytes from the device, bounded: who does not read slows the device's driver down, and what the driver cannot hold
    /// is lost as on any serial line. Fails with <see cref="DeviceLineLostException"/> as soon as the device is unplugged;
    /// bytes that were not read by then are gone.
    /// </summary>
    PipeReader Input { get; }

    /// <summary>Hands all bytes to the kernel; they leave at the line's speed, also after the line was disposed.</summary>
    /// <exception cref="DeviceLineLostException">The device is gone, or took nothing for longer than the write time-out.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}

/// <summary>Why a port could not be opened; the message names the cause and the remedy in words for an installer.</summary>
public enum DevicePortFault
{
    Absent,
    HeldByAnother,
    NotPermitted,
    NotASerialLine,
    SettingsRefused,

    /// <summary>Another device is there than the one that belongs there.</summary>
    Swapped,

    /// <summary>It does not answer the question who it is.</summary>
    Silent,

    /// <summary>Anything else the system refused for, such as too many open files.</summary>
    Unusable,
}

public sealed class DevicePortException(DevicePortFault fault, string message, Exception? inner = null) : IOException(message, inner)
{
    public DevicePortFault Fault { get; } = fault;

    /// <summary>The process that has the port, where it can be seen.</summary>
    public int? HolderProcess { get; init; }
}

/// <summary>The device was unplugged or hung up while the line was open.</summary>
public sealed class DeviceLineLostException(string message, Exception? inner = null) : IOException(message, inner);

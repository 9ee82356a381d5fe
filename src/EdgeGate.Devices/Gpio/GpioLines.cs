using System.Threading.Channels;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Gpio;

public enum GpioBias
{
    /// <summary>As the chip or the board's overlay has it.</summary>
    AsIs,
    PullUp,
    PullDown,
    Off,
}

/// <summary>One line of a chip, and what it is to be used as.</summary>
public sealed record GpioLineRequest
{
    /// <summary>The line's name, such as GPIO17 on a Raspberry Pi, or its number on the chip.</summary>
    public required string Line { get; init; }

    public bool IsOutput { get; init; }

    /// <summary>Active is 0 V.</summary>
    public bool IsActiveLow { get; init; }

    public GpioBias Bias { get; init; }

    /// <summary>An input counts as moved when it has stood still for so long; done by the kernel.</summary>
    public TimeSpan Debounce { get; init; }

    /// <summary>An input's edges to inactive are of no use: the kernel does not keep them, and has room for twice as many of the others.</summary>
    public bool IsEdgeOnlyWhenActive { get; init; }

    /// <summary>What an output is set to in the same moment in which it becomes one, so that no relay clicks at the start.</summary>
    public bool IsActiveAtFirst { get; init; }
}

/// <summary>An input moved.</summary>
/// <param name="Line">Its place among the lines that were asked for, from 0.</param>
/// <param name="At">Time since boot, by the kernel's stamp; not when the program got to see it.</param>
/// <param name="IsAfterLoss">Between this edge of the line and the one before it there were others, which never came here.</param>
public readonly record struct GpioEdge(int Line, bool IsActive, TimeSpan At, bool IsAfterLoss = false);

/// <summary>
/// Lines of one chip, ours alone while this is open. Disposing it hands them back; what their levels are then, the kernel does
/// not promise.
/// </summary>
public interface IGpioLines : IAsyncDisposable
{
    /// <summary>
    /// What the inputs did since they were opened, in order. An edge the kernel had no room for is made good by one with the level
    /// of now. Completes with a <see cref="DeviceLineLostException"/> when the chip is gone.
    /// </summary>
    ChannelReader<GpioEdge> Edges { get; }

    /// <exception cref="DeviceLineLostException">The chip is gone.</exception>
    bool IsActive(int line);

    /// <summary>Takes effect before it returns.</summary>
    /// <exception cref="DeviceLineLostException">The chip is gone.</exception>
    void Write(int line, bool active);
}

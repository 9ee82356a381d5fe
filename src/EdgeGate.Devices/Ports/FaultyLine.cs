using System.IO.Pipelines;

namespace EdgeGate.Devices.Ports;

/// <summary>What can go wrong on the way from a device to the gate, whatever the protocol.</summary>
[Flags]
public enum LineFault
{
    None = 0,

    /// <summary>Random bytes before each message.</summary>
    Noise = 1,

    /// <summary>Each byte comes by itself.</summary>
    Split = 2,

    /// <summary>Each message waits for the next and comes with it in one piece.</summary>
    Glued = 4,

    /// <summary>In every third message one bit of the last byte is turned over: where check values stand.</summary>
    WrongChecksum = 8,

    /// <summary>Nothing arrives.</summary>
    Silence = 16,

    /// <summary>Everything arrives a second late.</summary>
    Slow = 32,
}

/// <summary>The device's end of a line on which things go wrong, as told. For simulated devices.</summary>
public sealed class FaultyLine(IDeviceLine line, TimeProvider time) : IDeviceLine
{
    private const int MostNoise = 12, DamagedEvery = 3;
    private static readonly TimeSpan BetweenBytes = TimeSpan.FromMilliseconds(2), Late = TimeSpan.FromSeconds(1);

    private readonly Random _random = new(1);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private byte[] _kept = [];
    private int _messages;

    /// <summary>Several at once; may be changed at any time.</summary>
    public LineFault Faults { get; set; }

    public PipeReader Input => line.Input;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await SendAsync(bytes.ToArray(), cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await line.DisposeAsync();
        _writing.Dispose();
    }

    private async ValueTask SendAsync(byte[] message, CancellationToken cancellationToken)
    {
        var faults = Faults;
        if (faults.HasFlag(LineFault.Silence))
            return;
        if (faults.HasFlag(LineFault.WrongChecksum) && message.Length > 0 && ++_messages % DamagedEvery == 0)
            message[^1] ^= 0x01;
        if (faults.HasFlag(LineFault.Noise))
            message = [.. Noise(), .. message];
        if (faults.HasFlag(LineFault.Glued) && _kept.Length == 0)
        {
            _kept = message;
            return;
        }
        message = [.. _kept, .. message];
        _kept = [];
        if (faults.HasFlag(LineFault.Slow))
            await Task.Delay(Late, time, cancellationToken);
        var split = faults.HasFlag(LineFault.Split);
        foreach (var piece in message.Chunk(split ? 1 : Math.Max(1, message.Length)))
        {
            await line.WriteAsync(piece, cancellationToken);
            if (split)
                await Task.Delay(BetweenBytes, time, cancellationToken);
        }
    }

    private byte[] Noise()
    {
        var noise = new byte[_random.Next(1, MostNoise)];
        _random.NextBytes(noise);
        return noise;
    }
}

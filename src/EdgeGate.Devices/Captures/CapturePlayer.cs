using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Captures;

/// <summary>
/// Plays the device's side of a capture: sends what the device sent, as long after what came before it, and waits where the host spoke until the
/// host has spoken again. What the host says is not compared: it may have become another question since.
/// </summary>
public static class CapturePlayer
{
    /// <summary>As it was; a longer pause is somebody at lunch.</summary>
    public static readonly TimeSpan AsItWas = TimeSpan.FromSeconds(10);

    /// <summary>As fast as a host bears that empties its line before it listens.</summary>
    public static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(20);

    /// <param name="line">The device's end.</param>
    /// <param name="longestPause">Longer ones are cut.</param>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public static async Task PlayAsync(IReadOnlyList<Traffic> capture, IDeviceLine line, TimeSpan longestPause, TimeProvider time, CancellationToken cancellationToken)
    {
        var before = TimeSpan.Zero;
        foreach (var piece in capture)
        {
            if (!piece.FromDevice)
            {
                await HearAsync(line, piece.Bytes.Length, cancellationToken);
            }
            else
            {
                var pause = piece.At - before;
                if (pause > TimeSpan.Zero)
                    await Task.Delay(pause < longestPause ? pause : longestPause, time, cancellationToken);
                await line.WriteAsync(piece.Bytes, cancellationToken);
            }
            before = piece.At;
        }
    }

    private static async ValueTask HearAsync(IDeviceLine line, int bytes, CancellationToken cancellationToken)
    {
        var heard = await line.Input.ReadAtLeastAsync(bytes, cancellationToken);
        if (heard.Buffer.Length < bytes)
            throw new DeviceLineLostException("the host closed the line before the capture was at its end");
        line.Input.AdvanceTo(heard.Buffer.GetPosition(bytes));
    }
}

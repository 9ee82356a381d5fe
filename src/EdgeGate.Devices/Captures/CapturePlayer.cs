using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Captures;

/// <summary>
/// Plays the device's side of a capture: sends what the device sent, as long after what came before it, and waits where the host spoke until the
/// host has spoken again. What the host says is not compared: it may have become another question since.
/// </summary>
public static class CapturePlayer
{
    /// <summary>A longer pause is somebody at lunch.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <param name="line">The device's end.</param>
    /// <param name="timed">Otherwise without pauses.</param>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public static async Task PlayAsync(IReadOnlyList<Traffic> capture, IDeviceLine line, bool timed, TimeProvider time, CancellationToken cancellationToken)
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
                if (timed && pause > TimeSpan.Zero)
                    await Task.Delay(pause < LongestPause ? pause : LongestPause, time, cancellationToken);
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

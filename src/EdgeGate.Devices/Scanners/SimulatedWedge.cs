using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Scanners;

/// <summary>The other end of a keyboard's line: types codes as the kernel reports them, with scan codes and synchronisations between.</summary>
public sealed class SimulatedWedge(IDeviceLine line)
{
    private const ushort Miscellaneous = 4, ScanCode = 4;

    /// <summary>Whether Enter is pressed after each code.</summary>
    public bool PressesEnter { get; set; } = true;

    public async ValueTask ScanAsync(string code, CancellationToken cancellationToken = default)
    {
        foreach (var typed in code)
        {
            var (key, shift) = UsKeyboard.KeyFor(typed);
            if (shift)
                await ReportAsync(UsKeyboard.LeftShift, KeyEvent.Pressed, cancellationToken);
            await TypeAsync(key, cancellationToken);
            if (shift)
                await ReportAsync(UsKeyboard.LeftShift, KeyEvent.Released, cancellationToken);
        }
        if (PressesEnter)
            await TypeAsync(UsKeyboard.Enter, cancellationToken);
    }

    /// <summary>One key, pressed and let go.</summary>
    public async ValueTask TypeAsync(ushort key, CancellationToken cancellationToken = default)
    {
        await ReportAsync(key, KeyEvent.Pressed, cancellationToken);
        await ReportAsync(key, KeyEvent.Released, cancellationToken);
    }

    /// <summary>As when a reader was too slow: the kernel says that events are missing.</summary>
    public ValueTask DropAsync(CancellationToken cancellationToken = default) =>
        line.WriteAsync(new KeyEvent(KeyEvent.Synchronisation, KeyEvent.Dropped, 0).Encode(), cancellationToken);

    /// <param name="value">1 pressed, 0 released, 2 repeated by the kernel while held.</param>
    public ValueTask ReportAsync(ushort key, int value, CancellationToken cancellationToken = default) => line.WriteAsync(
        (byte[])[
            .. new KeyEvent(Miscellaneous, ScanCode, key).Encode(),
            .. new KeyEvent(KeyEvent.Key, key, value).Encode(),
            .. new KeyEvent(KeyEvent.Synchronisation, 0, 0).Encode(),
        ],
        cancellationToken);
}

using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Portals;

/// <summary>What a simulated portal was told, whether or not it changed anything.</summary>
/// <param name="At">When.</param>
/// <param name="Open">True to open, false to close.</param>
/// <param name="Changed">False for a prolonged opening and for closing what is closed.</param>
/// <param name="Credential">As sent, or null where the protocol has none.</param>
public sealed record PortalOrder(DateTimeOffset At, bool Open, bool Changed, string? Credential = null);

/// <summary>
/// The other end of <see cref="RelayCommands"/>: a relay board that reports every order to one of its channels and passes
/// over everything that is no valid frame.
/// </summary>
/// <param name="channel">The channel that is wired to the portal, from 1; orders to others are passed over.</param>
/// <param name="time">For the stamps.</param>
/// <param name="told">Called for each order, one at a time.</param>
public sealed class SimulatedRelay(byte channel, TimeProvider time, Action<PortalOrder> told)
{
    /// <summary>Serves one line until it is unplugged or cancelled. As a board fed by USB it starts with the relay off.</summary>
    public async Task RunAsync(IDeviceLine line, CancellationToken cancellationToken)
    {
        var isOn = false;
        while (true)
        {
            var heard = await line.Input.ReadAsync(cancellationToken);
            var buffer = heard.Buffer;
            while (RelayFrame.TryDecode(ref buffer, out var frame))
            {
                if (frame.Channel != channel)
                    continue;
                told(new PortalOrder(time.GetUtcNow(), frame.On, Changed: isOn != frame.On));
                isOn = frame.On;
            }
            line.Input.AdvanceTo(buffer.Start, buffer.End);
            if (heard.IsCompleted)
                return;
        }
    }
}

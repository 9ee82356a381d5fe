using System.Buffers;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Portals;

/// <summary>The other end of <see cref="TextCommands"/>: reports every order with its credential and passes over everything else.</summary>
/// <param name="open">As the driver has it.</param>
/// <param name="close">As the driver has it; null for a portal that closes by itself, where each opening is a change.</param>
/// <param name="time">For the stamps.</param>
/// <param name="told">Called for each order, one at a time.</param>
public sealed class SimulatedTextPortal(TextTemplate open, TextTemplate? close, TimeProvider time, Action<PortalOrder> told)
{
    private bool _isOpen;

    /// <summary>Serves one line until it is unplugged or cancelled.</summary>
    public async Task RunAsync(IDeviceLine line, CancellationToken cancellationToken)
    {
        _isOpen = false;
        while (true)
        {
            var heard = await line.Input.ReadAsync(cancellationToken);
            var used = Obey(heard.Buffer.IsSingleSegment ? heard.Buffer.FirstSpan : heard.Buffer.ToArray());
            line.Input.AdvanceTo(heard.Buffer.GetPosition(used), heard.Buffer.End);
            if (heard.IsCompleted)
                return;
        }
    }

    /// <returns>How many bytes are done with; the rest may be the beginning of an order.</returns>
    private int Obey(ReadOnlySpan<byte> heard)
    {
        var used = 0;
        while (used < heard.Length)
        {
            var rest = heard[used..];
            var opens = open.Match(rest, out var credential, out var length);
            if (opens is OperationStatus.Done)
            {
                told(new PortalOrder(time.GetUtcNow(), Open: true, Changed: !_isOpen, open.HasCredential ? credential : null));
                _isOpen = close is not null;
                used += length;
                continue;
            }
            var closes = OperationStatus.InvalidData;
            if (close is not null && (closes = close.Match(rest, out _, out length)) is OperationStatus.Done)
            {
                told(new PortalOrder(time.GetUtcNow(), Open: false, Changed: _isOpen));
                _isOpen = false;
                used += length;
                continue;
            }
            if (opens is OperationStatus.NeedMoreData || closes is OperationStatus.NeedMoreData)
                break;
            used++; // noise
        }
        return used;
    }
}

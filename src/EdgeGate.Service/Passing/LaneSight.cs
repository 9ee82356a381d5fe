using System.Collections.Immutable;
using EdgeGate.Service.Kiosk;

namespace EdgeGate.Service.Passing;

/// <summary>What guards see of one lane: the kiosk's picture, who waits for them, and how the last ones fared. The lane alone writes it.</summary>
internal sealed class LaneSight
{
    private const int MostEnded = 20;

    private sealed record Seen(KioskView View, GuardCase? Waiting, ImmutableQueue<EndedCase> Ended);

    private Seen _seen = new(new KioskView(KioskFace.OutOfService), null, []);

    /// <summary>Raised on the lane's thread: do not block in it.</summary>
    public event Action? Changed;

    public KioskView View => Volatile.Read(ref _seen).View;
    public GuardCase? Waiting => Volatile.Read(ref _seen).Waiting;

    /// <summary>The last ones, oldest first.</summary>
    public IEnumerable<EndedCase> Ended => Volatile.Read(ref _seen).Ended;

    public EndedCase? EndOf(long decision) => Ended.FirstOrDefault(ended => ended.Case.Decision == decision);

    public void Show(KioskView view, GuardCase? waiting) => Replace(_seen with { View = view, Waiting = waiting });

    public void End(EndedCase ended)
    {
        var kept = _seen.Ended.Enqueue(ended);
        Replace(_seen with { Waiting = null, Ended = kept.Count() > MostEnded ? kept.Dequeue() : kept });
    }

    private void Replace(Seen seen)
    {
        Volatile.Write(ref _seen, seen);
        Changed?.Invoke();
    }
}

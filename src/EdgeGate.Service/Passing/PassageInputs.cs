using System.Threading.Channels;
using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Passing;

/// <summary>What happens at a watched portal, in order.</summary>
internal abstract record PassageInput
{
    /// <summary>For the supervision; a grant's number is that of the record that allowed it.</summary>
    public sealed record Supervised(SupervisionInput Input) : PassageInput;

    public sealed record ExitPressed(TimeSpan At) : PassageInput;

    public sealed record Fire(bool Burns, TimeSpan At) : PassageInput;
}

/// <summary>
/// Collects what the sensors of one portal say and which grants it was given. Bounded: should the disk be so slow that a thousand
/// signals wait, further ones are dropped and the sensors count as lost, for nobody knows any more how they stand. What the gate itself does and nobody says
/// again, that the portal is held free or that it burns, is never lost: the newest of it goes in as soon as there is room.
/// </summary>
internal sealed class PassageInputs
{
    /// <summary>In place of the number of a record that could not be written: the portal opened as its fail-safe setting says.</summary>
    public const long Unrecorded = 0;

    private const int Room = 1024;

    private readonly Channel<PassageInput> _channel = Channel.CreateBounded<PassageInput>(new BoundedChannelOptions(Room) { SingleReader = true });
    private readonly Lock _writing = new();
    private readonly Queue<PassageInput> _behind = new(); // the grant that the portal is being asked for
    private int _asked;
    private PassageInput? _free, _fire; // what found no room yet
    private int _dropped;

    public PassageInputs(IWatchedPortal portal, GateClock clock)
    {
        portal.Signalled += signal => Write(signal switch
        {
            { Sensor: PortalSensor.DoorContact } => new PassageInput.Supervised(new SupervisionInput.DoorMoved(signal.IsActive, signal.At)),
            { Sensor: PortalSensor.PassageSensor } => new PassageInput.Supervised(new SupervisionInput.PassageSensed(signal.IsActive, signal.At)),
            { Sensor: PortalSensor.FireInput } => Keep(ref _fire, new PassageInput.Fire(signal.IsActive, signal.At)),
            { Sensor: PortalSensor.ExitButton, IsActive: true } => new PassageInput.ExitPressed(signal.At),
            _ => null,
        });
        portal.SensorsLost += () => Write(new PassageInput.Supervised(new SupervisionInput.SensorsLost(clock.SinceBoot)));
    }

    public ChannelReader<PassageInput> Reader => _channel.Reader;

    /// <summary>
    /// The portal is about to be asked. Until it has answered, and the grant is in, what its sensors say waits behind that: a door is open sooner than a thread
    /// that was held up gets on, and a door that opens without a grant is forced.
    /// </summary>
    public void Asked()
    {
        lock (_writing)
            _asked++;
    }

    /// <summary>After <see cref="Asked"/> and before <see cref="Answered"/>.</summary>
    /// <param name="record">Null when none could be written.</param>
    /// <param name="at">Time since boot when the portal was asked.</param>
    /// <returns>False when nobody will say what became of it: the passage is then the caller's to put on record, as unobserved.</returns>
    public bool Granted(long? record, TimeSpan at)
    {
        lock (_writing)
            return Put(new PassageInput.Supervised(new SupervisionInput.Granted(record ?? Unrecorded, at)));
    }

    public void Answered()
    {
        lock (_writing)
        {
            if (--_asked > 0)
                return;
            Put(null);
            while (_behind.TryDequeue(out var waited))
                Put(waited);
        }
    }

    /// <summary>The lane's mode holds the portal open, or no longer does.</summary>
    public void HeldFree(bool isFree, TimeSpan at) => Write(Keep(ref _free, new PassageInput.Supervised(new SupervisionInput.HeldFree(isFree, at))));

    /// <summary>A full channel loses nothing here: another tick follows.</summary>
    public void TimePassed(TimeSpan at)
    {
        lock (_writing)
        {
            if (_asked == 0 && WriteKept())
                _channel.Writer.TryWrite(new PassageInput.Supervised(new SupervisionInput.TimePassed(at)));
        }
    }

    /// <summary>How many signals found no room since this was last asked.</summary>
    public int TakeDropped() => Interlocked.Exchange(ref _dropped, 0);

    /// <summary>Nothing more comes; what waits is still to be taken.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <returns>Null: it goes in with whatever is written next.</returns>
    private PassageInput? Keep(ref PassageInput? kept, PassageInput newest)
    {
        lock (_writing)
            kept = newest;
        return null;
    }

    /// <param name="input">Null for what is only kept.</param>
    private void Write(PassageInput? input)
    {
        lock (_writing)
        {
            if (_asked == 0)
                Put(input);
            else if (input is not null && _behind.Count < Room)
                _behind.Enqueue(input);
            else if (input is not null)
                Interlocked.Increment(ref _dropped);
        }
    }

    private bool Put(PassageInput? input)
    {
        if (WriteKept() && (input is null || _channel.Writer.TryWrite(input)))
            return true; // in order: nothing overtakes what is kept
        if (input is null)
            return true;
        Interlocked.Increment(ref _dropped);
        return false;
    }

    private bool WriteKept() => WriteKept(ref _free) & WriteKept(ref _fire);

    private bool WriteKept(ref PassageInput? kept)
    {
        if (kept is not null && !_channel.Writer.TryWrite(kept))
            return false;
        kept = null;
        return true;
    }
}

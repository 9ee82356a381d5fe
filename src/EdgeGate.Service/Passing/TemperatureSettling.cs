using EdgeGate.Access;

namespace EdgeGate.Service.Passing;

/// <summary>How a stream of readings becomes a measurement of a person.</summary>
internal sealed record SettlingOptions
{
    /// <summary>How many readings in a row must agree.</summary>
    public int Samples { get; init; } = 3;

    /// <summary>How far apart they may be, highest to lowest.</summary>
    public Celsius AgreeWithin { get; init; } = new(30);

    /// <summary>Below this nobody stands there.</summary>
    public Celsius PresenceFrom { get; init; } = new(3200);

    /// <summary>Added to the surface temperature; depends on the installed model and its distance.</summary>
    public Celsius SurfaceOffset { get; init; }

    /// <summary>How much of the difference between skin and surroundings is added to the skin.</summary>
    public decimal Gain { get; init; }

    /// <summary>A pause of the stream this long ends a stay: who stands there afterwards may be somebody else.</summary>
    public TimeSpan StreamPause { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Turns surface readings into evidence. A stay begins when something as warm as a person comes before the thermometer and
/// ends when one reading is colder, or the stream pauses; each stay has its own number.
/// </summary>
internal sealed class TemperatureSettling(SettlingOptions options)
{
    private readonly Queue<Celsius> _recent = new();
    private long _episode;
    private bool _present;
    private TimeSpan _began;
    private TimeSpan _lastAt;

    /// <param name="at">Time since boot.</param>
    /// <returns>Null while nobody stands there or the readings do not agree yet.</returns>
    public TemperatureEvidence? Add(Celsius surface, Celsius ambient, TimeSpan at)
    {
        if (at - _lastAt > options.StreamPause)
            EndStay();
        _lastAt = at;
        if (surface < options.PresenceFrom)
        {
            EndStay();
            return null;
        }
        if (!_present)
        {
            (_present, _began) = (true, at);
            _episode++;
        }
        _recent.Enqueue(surface);
        if (_recent.Count > options.Samples)
            _recent.Dequeue();
        if (_recent.Count < options.Samples || _recent.Max().Hundredths - _recent.Min().Hundredths > options.AgreeWithin.Hundredths)
            return null;
        return new TemperatureEvidence(BodyOf(surface, ambient), surface, ambient, _episode, _began, at);
    }

    /// <summary>Where the conversion means nothing, the lane's limits let nothing be decided on it.</summary>
    private Celsius BodyOf(Celsius surface, Celsius ambient)
    {
        var skin = surface.Degrees + options.SurfaceOffset.Degrees;
        return Celsius.From(skin + options.Gain * (skin - ambient.Degrees));
    }

    private void EndStay()
    {
        _present = false;
        _recent.Clear();
    }
}

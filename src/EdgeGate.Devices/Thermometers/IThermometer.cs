using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

/// <summary>An infrared thermometer as the gate sees it, whatever wire it hangs on.</summary>
public interface IThermometer
{
    /// <summary>Raised on the reading loop: what keeps it from measuring now, and null when it measures again.</summary>
    event Action<ThermometerTrouble?>? TroubleChanged;

    /// <summary>What was wrong on the line so far.</summary>
    FrameFaultCounts Faults { get; }

    /// <summary>Readings until cancelled, several a second. One caller at a time.</summary>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    IAsyncEnumerable<TemperatureReading> ReadAsync(CancellationToken cancellationToken = default);
}

/// <param name="State">Silent or faulty.</param>
/// <param name="Cause">In words, with the remedy.</param>
public sealed record ThermometerTrouble(DeviceState State, string Cause);

/// <summary>
/// Tells a hiccup from trouble: what fails once is nothing, what has gone without one good reading for a while is reported,
/// once per cause, until a good one comes.
/// </summary>
internal sealed class TroubleWatch(TimeSpan patience, TimeProvider time)
{
    private long _good = time.GetTimestamp();
    private ThermometerTrouble? _reported;

    public event Action<ThermometerTrouble?>? Changed;

    /// <summary>How much longer nothing good may come before it is trouble.</summary>
    public TimeSpan Left => patience - time.GetElapsedTime(_good);

    public void Good()
    {
        _good = time.GetTimestamp();
        Report(null);
    }

    /// <returns>Whether it is trouble by now.</returns>
    public bool Failed(ThermometerTrouble trouble)
    {
        if (Left > TimeSpan.Zero)
            return false;
        Report(trouble);
        return true;
    }

    private void Report(ThermometerTrouble? trouble)
    {
        if (trouble == _reported)
            return;
        _reported = trouble;
        Changed?.Invoke(trouble);
    }
}

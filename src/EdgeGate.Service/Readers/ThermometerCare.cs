using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Readers;

/// <summary>What is the matter with a thermometer that answers, in words with the remedy.</summary>
internal sealed record CareFinding(DeviceState State, string Cause);

/// <summary>Watches what one thermometer says for signs that a person should look at it: impossible, stuck, drifting, due for calibration.</summary>
/// <param name="file">Keeps the medians of the last days over a restart.</param>
internal sealed partial class ThermometerCare(ThermometerSettings settings, string file, GateClock clock, ILogger<ThermometerCare> log)
{
    /// <summary>No place where people pass is colder or hotter, nor anything in it: beyond this it is the sensor that is wrong.</summary>
    private static readonly Celsius ColdestReading = new(-40_00), HottestReading = new(100_00);

    /// <summary>A second of readings. One alone may be line noise that fits the frame's eight-bit sum, or somebody's hot tea.</summary>
    private const int FaultyAfter = 10;

    /// <summary>After a longer one the same value need not be a repetition.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookAtDateEvery = TimeSpan.FromMinutes(1);

    private readonly DayMedians _medians = new(Load(file, log));
    private int _impossibleInARow;
    private TemperatureReading? _same;
    private TimeSpan _sameSince;
    private TimeSpan _lastAt;
    private bool _isStuck;
    private bool _isOverdue;
    private TimeSpan? _lookedAtDate;
    private long _lastEpisode;

    /// <summary>Null while nothing is the matter.</summary>
    public CareFinding? Finding =>
        _impossibleInARow >= FaultyAfter ? new(DeviceState.Faulty, "the thermometer reports temperatures that cannot be: check its wiring and supply, then replace it")
        : _isStuck ? new(DeviceState.Faulty, $"the thermometer has repeated one value for {settings.StuckAfter:hh\\:mm\\:ss}: switch its supply off and on; if it stays, replace it")
        : _medians.IsDrifting ? new(DeviceState.Doubtful, $"today's people are {_medians.Drift!.Value.Degrees:+0.0;-0.0} °C off the last days': clean the lens, look for sun or draught, then compare with a contact thermometer")
        : _isOverdue ? new(DeviceState.Doubtful, $"calibration has been due since {Due:yyyy-MM-dd}: compare with a contact thermometer, set surfaceOffset, and put the day into calibration.done")
        : null;

    private DateOnly? Due => settings.Calibration?.Done.AddDays(settings.Calibration.GoodForDays);

    /// <returns>Whether the sensor can be believed at all; whether the person can be is a rule's business.</returns>
    public bool Believes(TemperatureReading reading)
    {
        var now = clock.SinceBoot;
        LookAtDate(now);
        if (!IsPossible(reading))
        {
            _impossibleInARow++;
            return false;
        }
        _impossibleInARow = 0;
        if (reading != _same || now - _lastAt > LongestPause)
            (_same, _sameSince) = (reading, now);
        _lastAt = now;
        _isStuck = now - _sameSince >= settings.StuckAfter;
        return !_isStuck;
    }

    /// <summary>A settled measurement; the first of each stay counts for the day's median.</summary>
    public void Measured(TemperatureEvidence measured)
    {
        if (measured.Episode == _lastEpisode || clock.Read() is not { Grade: not ClockGrade.Unset, Wall: var wall })
            return;
        _lastEpisode = measured.Episode;
        if (!_medians.Add(measured.Body, DateOnly.FromDateTime(wall.DateTime)))
            return;
        try
        {
            DurableFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(_medians.Before, StateShapes.Default.Medians));
        }
        catch (IOException unwritable)
        {
            LogNotKept(log, file, unwritable);
        }
    }

    private void LookAtDate(TimeSpan now)
    {
        if (Due is null || now - _lookedAtDate < LookAtDateEvery)
            return;
        _lookedAtDate = now;
        _isOverdue = clock.Read() is { Grade: not ClockGrade.Unset, Wall: var wall } && DateOnly.FromDateTime(wall.DateTime) > Due;
    }

    private static bool IsPossible(TemperatureReading reading) =>
        IsPossible(reading.Surface) && IsPossible(reading.Ambient)
        // A board that has lost its sensor sends only zeros or only ones.
        && (reading.Surface.Hundredths, reading.Ambient.Hundredths) is not ((0, 0) or (-1, -1));

    private static bool IsPossible(Celsius degrees) => degrees >= ColdestReading && degrees <= HottestReading;

    private static IReadOnlyList<int> Load(string file, ILogger log)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), StateShapes.Default.Medians) ?? [] : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            LogUnreadable(log, file, unreadable);
            return [];
        }
    }

    [LoggerMessage(LogLevel.Warning, "The medians of earlier days cannot be read from {File}: drift is noticed again in a few days")]
    private static partial void LogUnreadable(ILogger log, string file, Exception cause);

    [LoggerMessage(LogLevel.Warning, "The medians of the last days cannot be written to {File}")]
    private static partial void LogNotKept(ILogger log, string file, Exception cause);
}

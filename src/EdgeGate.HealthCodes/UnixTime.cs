namespace EdgeGate.HealthCodes;

/// <summary>Seconds since 1970 as codes carry them, sometimes with fractions.</summary>
internal static class UnixTime
{
    private static readonly double Latest = new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    /// <summary>Null for what is no time between 1970 and 2200: such a number is an error or an attack on a later addition.</summary>
    public static DateTimeOffset? From(double seconds) =>
        seconds >= 0 && seconds <= Latest ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
}

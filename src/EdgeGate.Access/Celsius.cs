using System.Globalization;

namespace EdgeGate.Access;

/// <summary>
/// A temperature in hundredths of a degree Celsius. A whole number on purpose: 37.30 has no exact binary fraction, and
/// a person's passage must not hang on how a double was rounded.
/// </summary>
public readonly record struct Celsius(int Hundredths) : IComparable<Celsius>
{
    /// <summary>Rounds half away from zero to the nearest hundredth.</summary>
    public static Celsius From(decimal degrees) => new((int)decimal.Round(degrees * 100, MidpointRounding.AwayFromZero));

    public decimal Degrees => Hundredths / 100m;

    public int CompareTo(Celsius other) => Hundredths.CompareTo(other.Hundredths);

    public static bool operator <(Celsius left, Celsius right) => left.Hundredths < right.Hundredths;
    public static bool operator >(Celsius left, Celsius right) => left.Hundredths > right.Hundredths;
    public static bool operator <=(Celsius left, Celsius right) => left.Hundredths <= right.Hundredths;
    public static bool operator >=(Celsius left, Celsius right) => left.Hundredths >= right.Hundredths;

    public override string ToString() => Degrees.ToString("0.00", CultureInfo.InvariantCulture) + " °C";
}

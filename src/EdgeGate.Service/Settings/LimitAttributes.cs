using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeGate.Service.Settings;

/// <summary>
/// How long a time may be. <see cref="RangeAttribute"/> could say it too, but finds the conversion of such limits by reflection, which a trimmed program may lack.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(string least, string most) : ValidationAttribute
{
    public string Least => least;
    public string Most => most;

    public override bool IsValid(object? value) => value is TimeSpan time && time >= Parse(least) && time <= Parse(most);

    private static TimeSpan Parse(string limit) => TimeSpan.ParseExact(limit, "c", CultureInfo.InvariantCulture);
}

/// <summary>How many items a list in the file may have.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CountAttribute(int least, int most) : ValidationAttribute
{
    public int Least => least;
    public int Most => most;

    public override bool IsValid(object? value) => value is JsonArray { Count: var count } && count >= least && count <= most;
}

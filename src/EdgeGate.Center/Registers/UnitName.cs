namespace EdgeGate.Center.Registers;

/// <summary>Where somebody lives, as registers write it: building, stairwell, household, joined by hyphens, for example <c>3-1-502</c>.</summary>
internal static class UnitName
{
    /// <summary>3 of 3-1-502; empty when there is no unit.</summary>
    public static string BuildingOf(string unit) => unit.Split('-')[0];

    /// <summary>3-1 of 3-1-502; the building itself where units have no stairwell.</summary>
    public static string StairwellOf(string unit) => unit.LastIndexOf('-') is > 0 and var end ? unit[..end] : unit;
}

namespace EdgeGate.Service.GuardPost.Shift;

/// <summary>One day at this gate, by the gate's local time. No person in it.</summary>
internal sealed class DaySummary(DateOnly day)
{
    public DateOnly Day => day;

    /// <summary>Passages by the hour of the day.</summary>
    public int[] In { get; } = new int[24];
    public int[] Out { get; } = new int[24];

    public int Denied { get; set; }
    public int Fever { get; set; }
    public int GuardCases { get; set; }
    public int LetPassByGuards { get; set; }
    public int OpenedByGuards { get; set; }
    public int Vouched { get; set; }
}

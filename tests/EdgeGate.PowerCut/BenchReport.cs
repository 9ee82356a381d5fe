namespace EdgeGate.PowerCut;

internal sealed record BenchReport(int Seed, int Cycles, IReadOnlyList<Cut> Control, IReadOnlyList<Cut> Journal)
{
    /// <summary>Every cut was survived, and the control shows that a loss would have been seen.</summary>
    public bool IsGood => Journal.Count == Cycles && Journal.All(cut => cut.IsClean) && ControlLost > 0;

    private long ControlLost => Control.Sum(cut => cut.Found.Lost);

    public static string LineOf(int number, Cut cut)
    {
        var found = cut.Found;
        var line = $"  cut {number,3}: {cut.AfterFirstAck.TotalSeconds,4:0.0} s of {(cut.Writers == 1 ? "1 writer, " : $"{cut.Writers} writers,")} {cut.Acknowledged,5} acknowledged; "
            + $"{cut.Kept,4} of {cut.Unflushed,4} unflushed sectors kept (p={cut.KeepProbability:0.0}){(cut.InRecovery is { } again ? $", again in recovery ({again.Kept} of {again.Unflushed})" : "")}; then {found.Records,6} records, "
            + $"lost {found.Lost}, doubled {cut.DoubledNumbers}; {cut.Took.TotalSeconds:0.0} s";
        if (found.Broken > 0 || found.Gaps > 0)
            line += $"; BROKEN {found.Broken}, GAPS {found.Gaps}";
        return found.Fault is null ? line : $"{line}; FAULT: {found.Fault}";
    }

    public void WriteTo(TextWriter output)
    {
        var seconds = Journal.Select(cut => cut.Took.TotalSeconds).DefaultIfEmpty().ToList();
        output.WriteLine();
        output.WriteLine($"Power-cut bench, seed {Seed}");
        output.WriteLine($"  cycles            {Journal.Count} of {Cycles}, {Journal.Count(cut => cut.Unflushed > cut.Kept)} with unflushed sectors lost, {Journal.Count(cut => cut.InRecovery is not null)} cut again in recovery");
        output.WriteLine($"  acknowledged      {Journal.Sum(cut => cut.Acknowledged)}");
        output.WriteLine($"  lost              {Journal.Sum(cut => cut.Found.Lost)}");
        output.WriteLine($"  doubled numbers   {Journal.Sum(cut => cut.DoubledNumbers)}");
        output.WriteLine($"  broken, gaps      {Journal.Sum(cut => cut.Found.Broken)}, {Journal.Sum(cut => cut.Found.Gaps)}");
        output.WriteLine($"  journal's faults  {Journal.Count(cut => cut.Found.Fault is not null)}");
        output.WriteLine($"  control           lost {ControlLost} of {Control.Sum(cut => cut.Acknowledged)} acknowledged, {Control.Count} {(Control.Count == 1 ? "cycle" : "cycles")}");
        output.WriteLine($"  seconds a cycle   {seconds.Min():0.0} - {seconds.Average():0.0} - {seconds.Max():0.0} (min - mean - max)");
        output.WriteLine(IsGood ? "PASSED"
            : ControlLost == 0 ? "FAILED: the control lost nothing, so nothing is proved"
            : "FAILED: the journal did not survive");
    }
}

using System.Globalization;

namespace EdgeGate.PowerCut;

/// <summary>
/// What the outside world was promised: every acknowledged number and the boot that acknowledged it. Kept on the host, where no power
/// fails; the guest reads the file (one <c>sequence boot</c> a line) when it checks its store.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<long, int> _bootOf = [];

    public int Count => _bootOf.Count;

    public IReadOnlyDictionary<long, int> BootOf => _bootOf;

    /// <summary>False when the number was promised before.</summary>
    public bool TryAdd(long sequence, int boot) => _bootOf.TryAdd(sequence, boot);

    public void SaveTo(string path) =>
        File.WriteAllLines(path, _bootOf.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value}")));

    public static Ledger Load(string path)
    {
        var ledger = new Ledger();
        foreach (var line in File.ReadLines(path))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            ledger.TryAdd(long.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture), int.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture));
        }
        return ledger;
    }
}

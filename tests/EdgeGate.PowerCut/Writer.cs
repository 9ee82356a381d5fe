using System.Globalization;
using System.Text;

namespace EdgeGate.PowerCut;

/// <summary>
/// What runs inside the machine: opens the store, reports what is in it (<c>FOUND</c> and <see cref="Findings"/> as JSON), then appends until the power
/// fails and reports <c>ACK n</c> after each append has returned. One line a report, on a serial port that the host writes to a file.
/// </summary>
internal sealed class Writer(Stream report, int boot)
{
    public const string FoundLine = "FOUND ";
    public const string AckLine = "ACK ";

    private readonly Lock _reporting = new();

    public async Task RunAsync(IRecordStore store, Ledger ledger, int writers, CancellationToken cancellationToken)
    {
        Report(FoundLine + (await Findings.InspectAsync(store, ledger, cancellationToken)).ToJson());
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(() => AppendForEverAsync(store, cancellationToken), cancellationToken)));
    }

    private async Task AppendForEverAsync(IRecordStore store, CancellationToken cancellationToken)
    {
        while (true)
        {
            var sequence = await store.AppendAsync(number => TestRecord.Make(boot, number), cancellationToken);
            Report(AckLine + sequence.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Report(string line)
    {
        lock (_reporting)
            report.Write(Encoding.ASCII.GetBytes(line + "\n"));
    }
}

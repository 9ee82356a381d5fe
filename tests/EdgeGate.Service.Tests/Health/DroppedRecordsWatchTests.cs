using System.Buffers;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Health;

public sealed class DroppedRecordsWatchTests : IAsyncLifetime, IDisposable
{
    private const int RecordBytes = 60_000;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();
    private GateJournal _journal = null!;
    private DroppedRecordsWatch _watch = null!;

    public async Task InitializeAsync()
    {
        var options = new JournalOptions { Directory = _directory["journal"], GateId = "estate/gate-1", DiskBudgetBytes = 1024 * 1024, DropUnacknowledged = true };
        _journal = await GateJournal.OpenAsync(options, _time, CancellationToken.None);
        await DropSomeAsync(); // before the watch begins: an earlier run has told of them
        var clock = new GateClock(_time, Guid.NewGuid(), () => true);
        using var center = System.Security.Cryptography.ECDiffieHellman.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var keeper = new RecordKeeper("estate", "gate-1", _journal, new PersonKeys(new byte[32]), new EvidenceSeal(center.ExportSubjectPublicKeyInfoPem()), clock);
        _watch = new DroppedRecordsWatch(_journal, keeper, clock, _time, new ListLogger<DroppedRecordsWatch>());
        var timers = _time.WaitingTimers;
        await _watch.StartAsync(CancellationToken.None);
        await Patience.Until(() => _time.WaitingTimers > timers);
    }

    public async Task DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        await _journal.DisposeAsync();
    }

    public void Dispose()
    {
        _watch.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Records_that_went_before_they_arrived_are_an_alarm_that_counts_them()
    {
        await DropSomeAsync();
        var (dropped, upTo) = (_journal.Status.Dropped, _journal.Status.PurgedUpTo);

        var (alarm, _) = await NextAlarmAsync(_journal.LastSequence);

        Assert.Equal((dropped, upTo), (alarm.Dropped, alarm.UpTo));
    }

    [Fact]
    public async Task While_it_goes_on_the_alarm_comes_once_an_hour()
    {
        await DropSomeAsync();
        var (first, firstAt) = await NextAlarmAsync(_journal.LastSequence);
        await DropSomeAsync();

        var (next, nextAt) = await NextAlarmAsync(_journal.LastSequence);

        Assert.True(nextAt - firstAt >= TimeSpan.FromHours(1), $"{nextAt - firstAt}");
        Assert.True(next.Dropped > first.Dropped);
    }

    [Fact]
    public void A_full_journal_refuses_records_unless_the_settings_say_that_the_oldest_may_go() =>
        Assert.Equal(FullJournal.Refuse, new JournalSettings().WhenFull);

    private async Task<(RecordsDroppedRecord Alarm, DateTimeOffset At)> NextAlarmAsync(long after)
    {
        await Patience.Until(() =>
        {
            _time.Advance(Look);
            return _journal.LastSequence > after;
        });
        var record = Assert.Single(await _journal.ReadAsync(after + 1, 1, CancellationToken.None));
        Assert.True(RecordEnvelope.IsAlarm(record.Payload.Span));
        using var json = JsonDocument.Parse(record.Payload);
        Assert.Equal(("edgegate.records-dropped.v1", "records-dropped"), (json.RootElement.GetProperty("type").GetString(), json.RootElement.GetProperty("alarm").GetString()));
        return (json.RootElement.GetProperty("data").Deserialize(RecordShapes.Default.RecordsDroppedRecord)!, record.WrittenAt);
    }

    private async Task DropSomeAsync()
    {
        for (var before = _journal.Status.Dropped; _journal.Status.Dropped == before;)
            await _journal.AppendAsync((_, payload) => payload.Write(new byte[RecordBytes]), CancellationToken.None);
    }
}

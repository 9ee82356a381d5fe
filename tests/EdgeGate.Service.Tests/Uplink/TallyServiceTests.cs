using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Keys;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Uplink;

public sealed class TallyServiceTests : IAsyncLifetime, IDisposable
{
    private static readonly GateTopics Topics = new("estate", "gate-1");
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly RetainedOutbox _retained = new();
    private readonly GateSignature _signature = FreshSignature.Make();
    private GateJournal _journal = null!;
    private TallyService _tally = null!;

    public async Task InitializeAsync()
    {
        _journal = await GateJournal.OpenAsync(new JournalOptions { Directory = _directory.Root, GateId = "estate/gate-1" }, _time, CancellationToken.None);
        var status = new UplinkStatus { BrokerHasUpTo = 2 };
        var receipts = new Receipts(_journal, ReceiptsFrom.Center, TimeSpan.FromMinutes(1), status, _time, new ListLogger<Receipts>());
        _tally = new TallyService(_journal, status, receipts, _retained, Topics, _signature, GateClock.OfThisMachine(_time), _time, new ListLogger<TallyService>());
        for (var i = 0; i < 3; i++)
            await AppendAsync();
    }

    public async Task DisposeAsync() => await _journal.DisposeAsync();

    public void Dispose()
    {
        _tally.Dispose();
        _signature.Dispose();
        _directory.Dispose();
    }

    private ValueTask<long> AppendAsync() =>
        _journal.AppendAsync((sequence, to) => to.Write(Encoding.UTF8.GetBytes($"record {sequence}")), CancellationToken.None);

    private async Task<string> ChainAtAsync(long sequence) => (await _journal.ReadAsync(sequence, 1, CancellationToken.None))[0].Hash.ToString();

    [Fact]
    public async Task A_tally_accounts_for_every_number()
    {
        var tally = await _tally.CountAsync(CancellationToken.None);

        Assert.Equal((3, 3, 0, 2), (tally.Made, tally.Held, tally.PurgedUpTo, tally.AcknowledgedUpTo));
        Assert.Equal(0, tally.ReceiptedUpTo);
        Assert.Equal((3, await ChainAtAsync(3)), (tally.Head, tally.Chain));
    }

    [Fact]
    public async Task Dead_letters_and_void_numbers_say_where_the_chain_goes_on()
    {
        await _journal.SetAsideAsync(2, "PacketTooLarge", CancellationToken.None);
        await _journal.RaiseNextAsync(8, CancellationToken.None);
        Assert.Equal(new VoidNumbers(4, 7, "unknown", Chain: null), Assert.Single((await _tally.CountAsync(CancellationToken.None)).Void));
        await AppendAsync();

        var tally = await _tally.CountAsync(CancellationToken.None);

        Assert.Equal((8, 4), (tally.Made, tally.Held));
        Assert.Equal(new VoidNumbers(4, 7, "unknown", await ChainAtAsync(8)), Assert.Single(tally.Void));
        Assert.Equal(new DeadLetterNumber(2, "PacketTooLarge", _time.GetUtcNow(), await ChainAtAsync(2)), Assert.Single(tally.DeadLetters));
    }

    [Fact]
    public async Task Void_numbers_behind_void_numbers_say_both_where_the_chain_goes_on()
    {
        await _journal.RaiseNextAsync(8, CancellationToken.None);
        await _journal.RaiseNextAsync(12, CancellationToken.None); // as when damage hits the first record after a gap
        await AppendAsync();

        var chain = await ChainAtAsync(12);
        Assert.Equal([new(4, 7, "unknown", chain), new(8, 11, "unknown", chain)], (await _tally.CountAsync(CancellationToken.None)).Void);
    }

    [Fact]
    public async Task It_goes_out_signed_by_the_gate_each_minute()
    {
        await _tally.StartAsync(CancellationToken.None);
        var first = await PublishedAsync();
        await AppendAsync();
        var before = _time.GetTimestamp();
        var second = await PublishedAsync(step: TimeSpan.FromSeconds(2)); // it may be on its way to its timer
        await _tally.StopAsync(CancellationToken.None).InTime();

        Assert.Equal((3, 4), (first, second));
        Assert.True(_time.GetElapsedTime(before) >= TimeSpan.FromMinutes(1));

        async Task<long> PublishedAsync(TimeSpan step = default)
        {
            byte[]? message = null;
            await Patience.Until(() =>
            {
                _time.Advance(step);
                _retained.Drain((topic, payload) =>
                {
                    message = payload;
                    return topic == Topics.Tally;
                });
                return message is not null;
            });
            Assert.True(SignedJson.TryVerify(message, _signature.PublicKey, out var json));
            return JsonSerializer.Deserialize(json, RecordShapes.Default.TallyMessage)!.Made;
        }
    }
}

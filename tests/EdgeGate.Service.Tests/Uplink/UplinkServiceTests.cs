using System.Buffers;
using System.Text;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Mqtt;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Uplink;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Uplink;

public sealed class UplinkServiceTests : IAsyncLifetime, IDisposable
{
    private const int Window = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly GateTopics Topics = new("estate", "gate-1");

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();
    private RetainedOutbox _retained = new();
    private readonly ResendRequests _resends = new();
    private readonly UplinkStatus _status = new();
    private readonly ListLogger<UplinkService> _log = new();
    private readonly ListLogger<Receipts> _receiptLog = new();
    private FakeLink _link = new(Window);
    private GateJournal _journal = null!;
    private UplinkService _uplink = null!;
    private int _marks;

    public async Task InitializeAsync() => await OpenAsync();

    public async Task DisposeAsync()
    {
        await _uplink.StopAsync(CancellationToken.None).InTime();
        await _journal.DisposeAsync();
    }

    public void Dispose()
    {
        _uplink.Dispose();
        _directory.Dispose();
    }

    private async Task OpenAsync(ReceiptsFrom receiptsFrom = ReceiptsFrom.Broker)
    {
        _journal = await GateJournal.OpenAsync(new JournalOptions { Directory = _directory.Root, GateId = "estate/gate-1" }, _time, CancellationToken.None);
        OpenUplink(receiptsFrom);
    }

    private void OpenUplink(ReceiptsFrom receiptsFrom = ReceiptsFrom.Broker)
    {
        (_link, _retained) = (new FakeLink(Window), new RetainedOutbox());
        var receipts = new Receipts(_journal, receiptsFrom, Patience, _status, _time, _receiptLog);
        _uplink = new UplinkService(_journal, _link, Topics, _retained, receipts, _resends, _status, _time, _log);
    }

    /// <summary>The login was noticed too: what is appended now is live.</summary>
    private async Task StartOnlineAsync()
    {
        await StartAsync();
        _link.ComeUp();
        await RoundAsync();
    }

    private async Task StartAsync()
    {
        await _uplink.StartAsync(CancellationToken.None);
        await _link.Started.Task.InTime();
    }

    private async Task AppendAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await _journal.AppendAsync((sequence, to) => to.Write(Encoding.UTF8.GetBytes($"record {sequence}")), CancellationToken.None);
    }

    /// <summary>
    /// One whole round of the loop that began after this call: whatever was answered, received or appended before has been taken, and sent if there was room.
    /// The first mark may go out in a round that was under way, the second goes in one that began later, and the third says that this one is over.
    /// </summary>
    private async Task RoundAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            var mark = $"{++_marks}";
            _retained.Set("mark", Encoding.UTF8.GetBytes(mark));
            while (await _link.NextMarkAsync() != mark)
            {
                // an earlier one, sent again after a login
            }
        }
    }

    /// <summary>In small steps until something is sent: the loop may be on its way to its timer while the clock goes on.</summary>
    private Task LetPauseEndAsync() => Tests.Patience.Until(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return !_link.IsQuiet;
    });

    private async Task ExpectAsync(params long[] rows) => Assert.Equal(rows, (await _link.NextAsync(rows.Length)).Select(sent => sent.Row));

    [Fact]
    public async Task Records_go_out_in_order_as_they_lie_in_the_journal()
    {
        await StartOnlineAsync();
        await AppendAsync(3);

        var sent = await _link.NextAsync(3);

        Assert.Equal([1, 2, 3], sent.Select(one => one.Row));
        Assert.Equal("record 2", sent[1].Payload);
        Assert.All(sent, one => Assert.Equal(Topics.Passages, one.Topic));
        Assert.All(sent, one => Assert.False(one.Retain));
        Assert.All(sent, one => Assert.Equal("application/cloudevents+json", one.ContentType));
    }

    [Fact]
    public async Task Nothing_counts_as_arrived_before_the_broker_says_so_and_no_gap_is_passed()
    {
        await StartOnlineAsync();
        await AppendAsync(3);
        await ExpectAsync(1, 2, 3);
        Assert.Equal(0, _journal.AcknowledgedUpTo);

        _link.Answer(3);
        _link.Answer(2);
        await RoundAsync();
        Assert.Equal(0, _journal.AcknowledgedUpTo);

        _link.Answer(1);
        await RoundAsync();
        Assert.Equal(3, _journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task An_alarm_goes_out_by_itself_before_its_record_and_once_more_when_it_may_be_lost()
    {
        const string Alarm = """{"id":"1","alarm":"under-quarantine","data":{}}""";
        await StartOnlineAsync();
        await _journal.AppendAsync((_, to) => to.Write(Encoding.UTF8.GetBytes(Alarm)), CancellationToken.None);
        await _journal.AppendAsync((_, to) => to.Write("""{"id":"2","data":{"alarm":"no"}}"""u8), CancellationToken.None);

        Assert.Equal([Topics.Alarms, Topics.Passages, Topics.Passages], (await _link.NextAsync(3)).Select(one => one.Topic));
        _link.Answer(UplinkService.NotARecord);
        _link.Answer(1, MqttReason.UnspecifiedError, requeue: true);

        var again = await _link.NextAsync(2);
        Assert.Equal([Topics.Alarms, Topics.Passages], again.Select(one => one.Topic));
        Assert.All(again, one => Assert.Equal(Alarm, one.Payload));
    }

    [Fact]
    public async Task No_more_than_the_window_is_under_way()
    {
        await StartOnlineAsync();
        await AppendAsync(Window + 2);
        await ExpectAsync(1, 2, 3, 4);
        await RoundAsync();
        Assert.True(_link.IsQuiet);

        _link.Answer(1);

        await ExpectAsync(5);
    }

    [Fact]
    public async Task What_the_link_hands_back_goes_again_in_order_and_what_arrived_does_not()
    {
        await StartOnlineAsync();
        await AppendAsync(4);
        await ExpectAsync(1, 2, 3, 4);

        _link.GoDown(); // a link hands back at a login, all at once
        _link.Answer(2);
        foreach (var lost in (long[])[1, 3, 4])
            _link.Answer(lost, MqttReason.UnspecifiedError, requeue: true);
        _link.ComeUp();

        await ExpectAsync(1, 3, 4);
        await RoundAsync();
        Assert.True(_link.IsQuiet);
    }

    [Fact]
    public async Task What_is_handed_back_goes_before_what_still_waited_for_room()
    {
        await StartOnlineAsync();
        await AppendAsync(Window + 2);
        await ExpectAsync(1, 2, 3, 4);

        _link.GoDown();
        foreach (var lost in (long[])[1, 2, 3, 4])
            _link.Answer(lost, MqttReason.UnspecifiedError, requeue: true);
        _link.ComeUp();

        await ExpectAsync(1, 2, 3, 4);
        Assert.Equal(0, _journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task What_the_broker_did_not_want_goes_before_what_still_waited_for_room()
    {
        await StartOnlineAsync();
        await AppendAsync(Window + 2);
        await ExpectAsync(1, 2, 3, 4);

        foreach (var refused in (long[])[1, 2, 3, 4])
            _link.Answer(refused, MqttReason.QuotaExceeded);
        await RoundAsync();
        Assert.True(_link.IsQuiet);
        await LetPauseEndAsync();

        await ExpectAsync(1, 2, 3, 4);
        Assert.Equal(0, _journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task Offline_the_loop_rests_and_everything_goes_later_to_the_backlog()
    {
        await StartAsync();
        await AppendAsync(50);
        Assert.InRange(_link.Calls, 0, 52); // at most one turn a record

        _link.ComeUp();
        var sent = await _link.NextAsync(Window);

        Assert.Equal([1, 2, 3, 4], sent.Select(one => one.Row));
        Assert.All(sent, one => Assert.Equal(Topics.Backlog, one.Topic));
    }

    [Fact]
    public async Task Online_with_nothing_to_do_the_loop_rests_too()
    {
        await StartOnlineAsync();
        await AppendAsync(1);
        await ExpectAsync(1);
        _link.Answer(1);
        await RoundAsync();

        var before = _link.Calls;
        for (var i = 0; i < 20; i++)
            await _journal.FlushAsync(CancellationToken.None); // as good a while as any

        Assert.InRange(_link.Calls - before, 0, 3);
    }

    [Fact]
    public async Task What_was_made_before_a_login_is_late_what_comes_after_is_live()
    {
        await StartOnlineAsync();
        await AppendAsync(1);
        Assert.Equal(Topics.Passages, (await _link.NextAsync()).Topic);
        _link.Answer(1);

        _link.GoDown();
        await AppendAsync(2);
        _link.ComeUp();
        Assert.Equal([Topics.Backlog, Topics.Backlog], (await _link.NextAsync(2)).Select(sent => sent.Topic));

        await AppendAsync(1);
        Assert.Equal(Topics.Passages, (await _link.NextAsync()).Topic);
    }

    [Fact]
    public async Task A_page_that_waited_for_room_when_the_link_fell_is_late_too()
    {
        await StartOnlineAsync();
        await AppendAsync(Window + 2);
        await ExpectAsync(1, 2, 3, 4);
        _link.GoDown();
        foreach (var row in (long[])[1, 2, 3, 4])
            _link.Answer(row);
        _link.ComeUp();

        Assert.Equal([Topics.Backlog, Topics.Backlog], (await _link.NextAsync(2)).Select(sent => sent.Topic));
    }

    [Fact]
    public async Task A_login_in_the_middle_of_the_loop_makes_no_late_record_live()
    {
        await StartOnlineAsync();
        await AppendAsync(Window + 2);
        await ExpectAsync(1, 2, 3, 4);
        _link.GoDown();
        foreach (var row in (long[])[1, 2, 3, 4])
            _link.Answer(row);
        await Tests.Patience.Until(() => _journal.AcknowledgedUpTo == 4);

        _link.AtNextAttempt = () => _link.ComeUp(); // after the loop looked whether it came up, before it sends records
        _retained.Set(Topics.State, Encoding.UTF8.GetBytes("online"));
        var sent = (await _link.NextAsync(3)).Where(one => !one.Retain);

        Assert.All(sent, one => Assert.Equal(Topics.Backlog, one.Topic));
    }

    [Fact]
    public async Task A_login_that_nobody_was_told_of_yet_makes_no_late_record_live()
    {
        await StartOnlineAsync();
        _link.GoDown();
        await AppendAsync(1);
        _link.LogIn();
        await RoundAsync(); // the loop was under way, and saw a link that is online
        _link.TellUp();

        Assert.Equal(Topics.Backlog, (await _link.NextAsync()).Topic);
    }

    [Fact]
    public async Task A_record_of_now_does_not_wait_for_what_waited()
    {
        await StartAsync();
        await AppendAsync(50);
        _link.ComeUp();
        await ExpectAsync(1, 2, 3, 4);

        await AppendAsync(1);
        await RoundAsync(); // it was seen before there is room
        _link.Answer(1);

        var next = await _link.NextAsync();
        Assert.Equal((51, Topics.Passages), (next.Row, next.Topic));
        _link.Answer(51);
        await ExpectAsync(5);
        Assert.True(_journal.AcknowledgedUpTo <= 4); // the live answer does not pass the gap
    }

    [Fact]
    public async Task When_the_backlog_is_through_the_cursor_stands_behind_the_live_records()
    {
        await StartAsync();
        await AppendAsync(2);
        _link.ComeUp();
        await ExpectAsync(1, 2);
        await AppendAsync(1);
        await ExpectAsync(3);
        foreach (var row in (long[])[3, 2, 1])
            _link.Answer(row);
        await RoundAsync();

        Assert.Equal(3, _journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task A_long_backlog_waits_a_random_moment_so_that_a_thousand_gates_do_not_come_at_once()
    {
        await StartAsync();
        await AppendAsync(1002);
        _link.ComeUp();
        await RoundAsync(); // the login was noticed
        Assert.True(_link.IsQuiet);
        await AppendAsync(1);

        var live = await _link.NextAsync();
        Assert.Equal((1003, Topics.Passages), (live.Row, live.Topic));
        await LetPauseEndAsync();
        await ExpectAsync(1, 2, 3);
    }

    [Fact]
    public async Task Where_the_center_gives_receipts_the_brokers_word_lets_no_record_go()
    {
        await ReopenAsync(ReceiptsFrom.Center);
        await StartOnlineAsync();
        await AppendAsync(3);
        await ExpectAsync(1, 2, 3);
        foreach (var row in (long[])[1, 2, 3])
            _link.Answer(row);
        await RoundAsync();
        Assert.Equal(0, _journal.AcknowledgedUpTo);

        await ReceiptAsync(2, await ChainAtAsync(2));
        Assert.Equal(2, _journal.AcknowledgedUpTo);
    }

    [Theory]
    [InlineData(2, "0000", "chain hash")]
    [InlineData(9, "0000", "lost its journal")]
    [InlineData(0, "0000", "no receipt")]
    public async Task A_receipt_about_other_records_moves_nothing_and_is_said(long upTo, string chain, string said)
    {
        await ReopenAsync(ReceiptsFrom.Center);
        await StartOnlineAsync();
        await AppendAsync(3);
        await ExpectAsync(1, 2, 3);

        await ReceiptAsync(upTo, chain);

        Assert.Equal(0, _journal.AcknowledgedUpTo);
        Assert.Equal(1, _status.RefusedReceipts);
        await _receiptLog.HearAsync(said);
    }

    [Fact]
    public async Task What_the_broker_took_and_the_center_does_not_confirm_goes_again()
    {
        await ReopenAsync(ReceiptsFrom.Center);
        await StartOnlineAsync();
        await AppendAsync(3);
        await ExpectAsync(1, 2, 3);
        foreach (var row in (long[])[1, 2, 3])
            _link.Answer(row);
        await RoundAsync();
        await ReceiptAsync(1, await ChainAtAsync(1));

        _time.Advance(Patience - TimeSpan.FromSeconds(1));
        await RoundAsync();
        Assert.True(_link.IsQuiet);
        await LetPauseEndAsync();

        var again = await _link.NextAsync(2);
        Assert.Equal([(2, Topics.Backlog), (3, Topics.Backlog)], again.Select(one => (one.Row, one.Topic)));
    }

    [Fact]
    public async Task A_receipt_that_cannot_be_checked_now_ends_nothing_and_is_checked_later()
    {
        await AppendAsync(1);
        await ReopenAsync(ReceiptsFrom.Center); // or the record would still be in memory
        var chain = _journal.Head.Hash.ToString();
        var store = _directory["journal.db"];
        File.Move(store, store + ".away"); // the writer keeps its open file, a new reader finds none
        await StartAsync();
        await _link.Handlers[Topics.Receipt](
            new MqttInbound { Topic = Topics.Receipt, Payload = Encoding.UTF8.GetBytes($$"""{"upTo":1,"chain":"{{chain}}"}""") }, CancellationToken.None);
        await _log.HearAsync("cannot be used");

        File.Move(store + ".away", store);
        await Tests.Patience.Until(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _journal.AcknowledgedUpTo == 1;
        });
        Assert.Equal(0, _status.RefusedReceipts);
    }

    [Fact]
    public async Task A_broker_that_lost_its_memory_gets_everything_the_center_has_not_confirmed()
    {
        await ReopenAsync(ReceiptsFrom.Center);
        await StartOnlineAsync();
        await AppendAsync(2);
        await ExpectAsync(1, 2);
        _link.Answer(1);
        _link.Answer(2);
        await RoundAsync();

        _link.GoDown();
        _link.ComeUp(sessionPresent: false);

        await ExpectAsync(1, 2);
    }

    private async Task ReopenAsync(ReceiptsFrom receiptsFrom)
    {
        await DisposeAsync();
        _uplink.Dispose();
        await OpenAsync(receiptsFrom);
    }

    private async Task ReceiptAsync(long upTo, string chain)
    {
        var receipt = new MqttInbound { Topic = Topics.Receipt, Payload = Encoding.UTF8.GetBytes($$"""{"upTo":{{upTo}},"chain":"{{chain}}"}""") };
        await _link.Handlers[Topics.Receipt](receipt, CancellationToken.None);
        await RoundAsync();
    }

    private async Task<string> ChainAtAsync(long sequence) => (await _journal.ReadAsync(sequence, 1, CancellationToken.None))[0].Hash.ToString();

    [Theory]
    [InlineData(MqttReason.QuotaExceeded)]
    [InlineData(MqttReason.NotAuthorized)]
    [InlineData(MqttReason.QosNotSupported)]
    [InlineData(MqttReason.TopicNameInvalid)]
    public async Task A_broker_that_does_not_want_records_now_costs_none_and_is_asked_again_after_a_pause(MqttReason reason)
    {
        await StartOnlineAsync();
        await AppendAsync(2);
        await ExpectAsync(1, 2);

        _link.Answer(1, reason);
        _link.Answer(2, reason);
        await RoundAsync();
        Assert.Equal(0, _journal.AcknowledgedUpTo);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        await RoundAsync();
        Assert.True(_link.IsQuiet);

        await Tests.Patience.Until(() => _time.UntilNextTimer == TimeSpan.FromSeconds(0.1)); // and not ten seconds anew, because the loop woke in between
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await ExpectAsync(1, 2);
        Assert.Empty(_journal.Status.DeadLetters);
        Assert.Single(_log.Lines, line => line.Contains("does not take record", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_refused_for_good_becomes_a_dead_letter_and_the_next_ones_go_on()
    {
        await StartOnlineAsync();
        await AppendAsync(2);
        await ExpectAsync(1, 2);

        _link.Answer(1, MqttReason.PacketTooLarge);
        _link.Answer(2);
        await RoundAsync();
        await AppendAsync(1);
        await ExpectAsync(3);

        Assert.Equal(1, Assert.Single(_journal.Status.DeadLetters).Sequence);
        Assert.Equal(2, _journal.AcknowledgedUpTo);
        Assert.Contains(_log.Lines, line => line.Contains("never take record 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_refused_again_and_again_while_others_are_taken_becomes_a_dead_letter()
    {
        await StartOnlineAsync();
        await AppendAsync(2);
        await ExpectAsync(1, 2);
        for (var times = 1; times < 5; times++)
        {
            _link.Answer(1, MqttReason.ImplementationSpecificError);
            _link.Answer(times + 1);
            await RoundAsync();
            Assert.Empty(_journal.Status.DeadLetters);
            await AppendAsync(1);
            await LetPauseEndAsync();
            await ExpectAsync(1, times + 2);
        }
        _link.Answer(1, MqttReason.ImplementationSpecificError);
        await RoundAsync();

        Assert.Equal("ImplementationSpecificError", Assert.Single(_journal.Status.DeadLetters).Reason);
        Assert.Equal(5, _journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task A_broker_that_takes_nothing_makes_no_dead_letters()
    {
        await StartOnlineAsync();
        await AppendAsync(2);
        for (var times = 0; times < 20; times++)
        {
            await ExpectAsync(1, 2);
            _link.Answer(1, MqttReason.UnspecifiedError);
            _link.Answer(2, MqttReason.UnspecifiedError);
            await RoundAsync();
            await LetPauseEndAsync();
        }
        Assert.Empty(_journal.Status.DeadLetters);
    }

    [Fact]
    public async Task A_dead_letter_is_not_offered_again_by_itself_also_after_a_restart()
    {
        await StartOnlineAsync();
        await AppendAsync(1);
        await ExpectAsync(1);
        _link.Answer(1, MqttReason.PacketTooLarge);
        await RoundAsync();
        await DisposeAsync();
        _uplink.Dispose();

        await OpenAsync(ReceiptsFrom.Center); // no receipt ever came, so everything goes again
        await AppendAsync(1);
        await StartOnlineAsync();

        await ExpectAsync(2);
    }

    [Fact]
    public async Task A_range_asked_for_goes_again_as_backlog_while_live_records_go_on()
    {
        await StartOnlineAsync();
        await AppendAsync(3);
        await ExpectAsync(1, 2, 3);
        foreach (var row in (long[])[1, 2, 3])
            _link.Answer(row);
        await RoundAsync();

        Assert.True(_resends.TryRequest(2, 99));
        var again = await _link.NextAsync(2);
        await AppendAsync(1);
        var live = await _link.NextAsync();

        Assert.Equal([("record 2", Topics.Backlog), ("record 3", Topics.Backlog)], again.Select(sent => (sent.Payload, sent.Topic)));
        Assert.Equal((4, Topics.Passages), (live.Row, live.Topic));
        foreach (var sent in (IEnumerable<FakeLink.Publication>)[.. again, live])
            _link.Answer(sent.Row);
        await RoundAsync();
        Assert.Equal(4, _journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task A_dead_letter_asked_for_again_and_taken_is_none_any_more()
    {
        await StartOnlineAsync();
        await AppendAsync(1);
        await ExpectAsync(1);
        _link.Answer(1, MqttReason.PacketTooLarge);
        await RoundAsync();

        _resends.TryRequest(1, 1);
        var again = await _link.NextAsync();
        _link.Answer(again.Row);
        await RoundAsync();

        Assert.Equal("record 1", again.Payload);
        Assert.Empty(_journal.Status.DeadLetters);
    }

    [Fact]
    public async Task A_dead_letter_asked_for_again_stays_one_until_it_is_taken_also_over_a_restart()
    {
        await StartOnlineAsync();
        await AppendAsync(2);
        await ExpectAsync(1, 2);
        _link.Answer(1, MqttReason.PacketTooLarge);
        _link.Answer(2);
        await RoundAsync();
        Assert.Equal(2, _journal.AcknowledgedUpTo); // so nothing but the list of dead letters still knows of record 1

        _resends.TryRequest(1, 1);
        Assert.Equal("record 1", (await _link.NextAsync()).Payload);
        await DisposeAsync();
        _uplink.Dispose();
        await OpenAsync();

        Assert.Equal(1, Assert.Single(_journal.Status.DeadLetters).Sequence);
    }

    [Fact]
    public async Task Ranges_asked_for_go_one_after_the_other_and_only_so_many_wait()
    {
        await AppendAsync(40);
        _journal.Acknowledge(40);
        Assert.Equal(16, Enumerable.Range(1, 40).Count(one => _resends.TryRequest(one, one)));
        _uplink.Dispose();
        OpenUplink(); // with the cursor as it is now
        await StartOnlineAsync();
        for (var one = 1; one <= 16; one++)
        {
            var sent = await _link.NextAsync();
            Assert.Equal($"record {one}", sent.Payload);
            _link.Answer(sent.Row);
        }
        await RoundAsync();
        Assert.True(_link.IsQuiet);
    }

    [Fact]
    public async Task A_restart_goes_on_where_the_broker_had_everything()
    {
        await StartOnlineAsync();
        await AppendAsync(3);
        await ExpectAsync(1, 2, 3);
        _link.Answer(1);
        _link.Answer(3); // overtook: the restart does not know it, so it goes twice
        await RoundAsync();
        await DisposeAsync();
        _uplink.Dispose();

        await OpenAsync();
        await StartOnlineAsync();

        await ExpectAsync(2, 3);
    }

    [Fact]
    public async Task Stopping_waits_for_what_is_under_way_and_keeps_the_answers()
    {
        await StartOnlineAsync();
        await AppendAsync(2);
        await ExpectAsync(1, 2);
        _link.WhenDraining = () =>
        {
            _link.Answer(1);
            _link.Answer(2);
        };

        await _uplink.StopAsync(CancellationToken.None).InTime();

        Assert.True(_link.Stopped);
        Assert.Equal(2, _journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task States_go_out_retained_after_every_login_also_while_records_pause()
    {
        _retained.Set(Topics.State, Encoding.UTF8.GetBytes("online"));
        await StartOnlineAsync();
        Assert.Equal((Topics.State, true), await StateAsync());
        await AppendAsync(1);
        while ((await _link.NextAsync()).Row != 1)
        {
            // the state once more: it may have gone before the login was noticed, and then goes again after it
        }
        _link.Answer(1, MqttReason.QuotaExceeded);

        _link.GoDown();
        _link.ComeUp();

        Assert.Equal((Topics.State, true), await StateAsync());

        async Task<(string, bool)> StateAsync()
        {
            var sent = await _link.NextAsync();
            return (sent.Topic, sent.Retain);
        }
    }

    [Fact]
    public async Task A_state_the_broker_refuses_is_said_and_touches_no_record()
    {
        _retained.Set(Topics.State, Encoding.UTF8.GetBytes("online"));
        await StartOnlineAsync();
        await AppendAsync(1);

        _link.Answer(UplinkService.NotARecord, MqttReason.NotAuthorized);
        await _log.HearAsync("does not take the gate's or a device's state");

        Assert.Equal(0, _journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task A_link_that_breaks_by_a_bug_ends_the_service_instead_of_spinning()
    {
        await StartOnlineAsync();

        _link.Break();

        var bug = await Assert.ThrowsAsync<InvalidOperationException>(() => _uplink.ExecuteTask!.InTime());
        Assert.Contains("link has ended", bug.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_read_makes_a_pause_and_no_crash()
    {
        await AppendAsync(1);
        await ReopenAsync(ReceiptsFrom.Broker); // or the record would still be in memory
        var store = _directory["journal.db"];
        File.Move(store, store + ".away"); // the writer keeps its open file, a new reader finds none
        await StartOnlineAsync();
        await _log.HearAsync("cannot be used");

        File.Move(store + ".away", store);
        await LetPauseEndAsync();

        await ExpectAsync(1);
    }
}

using System.Security.Cryptography;
using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Messages.Commands;
using EdgeGate.Service.Commands;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Tests.Passing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Commands;

public sealed class CommandServiceTests : IAsyncLifetime
{
    private GateUnderCommand _gate = null!;

    public async Task InitializeAsync() => _gate = await GateUnderCommand.StartAsync();

    public async Task DisposeAsync() => await _gate.DisposeAsync();

    [Fact]
    public async Task A_signed_open_once_opens_the_portal_after_its_record_is_on_disk()
    {
        var command = _gate.OpenOnce();

        var reply = await _gate.AskAsync(command);

        var opening = Assert.Single(_gate.Portal.Asked);
        Assert.Equal(command.Id, opening.Credential);
        Assert.Equal(1, opening.NewestOnDisk?.Sequence); // the command's, and at that moment the newest
        Assert.Equal((command.Id, CommandOutcome.Taken, null, 1L), (reply.Id, reply.Outcome, reply.Reason, reply.Record));
        var records = _gate.Records();
        Assert.Equal(["command", "passage"], records.Select(record => record.Type));
        Assert.Equal(
            (command.Id, "open-once", GateUnderCommand.KeyId, "taken", "lane-1"),
            (Text(records[0], "id"), Text(records[0], "kind"), Text(records[0], "key"), Text(records[0], "outcome"), Text(records[0], "lane")));
        Assert.Equal((1, "opened"), (records[1].Data.GetProperty("decision").GetInt32(), Text(records[1], "portal")));
    }

    [Fact]
    public async Task What_was_signed_is_kept_whole_and_sealed()
    {
        var token = _gate.Sign(_gate.OpenOnce());

        await _gate.DeliverAsync(token);

        var record = _gate.Records()[0].Data;
        Assert.Equal(token, _gate.Opened(record));
        Assert.DoesNotContain("shift leader", record.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_for_another_gate_is_refused() =>
        await IsRefusedAsync(CommandReason.OtherGate, _gate.OpenOnce() with { Gate = "estate/gate-2" });

    [Fact]
    public async Task A_retained_command_is_refused() => await IsRefusedAsync(CommandReason.Retained, _gate.OpenOnce(), retained: true);

    [Fact]
    public async Task With_a_clock_that_is_not_set_nothing_is_taken()
    {
        _gate.Time.StepWallClock(new DateTimeOffset(1970, 1, 1, 0, 0, 30, TimeSpan.Zero));

        await IsRefusedAsync(CommandReason.ClockNotSet, _gate.OpenOnce());
    }

    [Fact]
    public async Task A_command_issued_in_the_future_is_refused_but_clocks_may_differ_a_little()
    {
        var (now, ahead) = (_gate.Time.GetUtcNow(), CommandJudge.ClockTolerance);
        await IsRefusedAsync(CommandReason.IssuedInFuture, _gate.OpenOnce() with { IssuedAt = now + ahead + Millisecond });

        Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(_gate.OpenOnce() with { IssuedAt = now + ahead })).Outcome);
    }

    [Fact]
    public async Task A_command_that_moves_the_portal_may_live_for_a_minute_and_no_longer()
    {
        var open = _gate.OpenOnce();
        await IsRefusedAsync(CommandReason.LivesTooLong, open with { Expires = open.IssuedAt.AddSeconds(60) + Millisecond });

        Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(open with { Expires = open.IssuedAt.AddSeconds(60) })).Outcome);
    }

    [Fact]
    public async Task Other_commands_may_live_for_five_minutes()
    {
        var tally = _gate.Fresh(new ReportTallyCommand());
        await IsRefusedAsync(CommandReason.LivesTooLong, tally with { Expires = tally.IssuedAt.AddMinutes(5) + Millisecond });

        Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(tally with { Expires = tally.IssuedAt.AddMinutes(5) })).Outcome);
    }

    [Fact]
    public async Task A_command_that_expires_before_it_was_issued_is_refused()
    {
        var open = _gate.OpenOnce();
        await IsRefusedAsync(CommandReason.LivesTooLong, open with { IssuedAt = open.IssuedAt.AddSeconds(4), Expires = open.IssuedAt.AddSeconds(2) });
    }

    [Fact]
    public async Task An_expired_command_is_refused()
    {
        var open = _gate.OpenOnce();
        _gate.Time.Advance(TimeSpan.FromSeconds(30));

        await IsRefusedAsync(CommandReason.Expired, open);
    }

    [Fact]
    public async Task A_command_that_waited_at_the_broker_while_the_gate_was_away_is_refused_though_it_has_not_expired()
    {
        var open = _gate.OpenOnce();
        _gate.Link.GoDown();
        _gate.Time.Advance(TimeSpan.FromSeconds(1));
        _gate.Link.ComeUp();

        await IsRefusedAsync(CommandReason.Queued, open);
        Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(_gate.OpenOnce())).Outcome);
    }

    [Fact]
    public async Task A_clock_that_is_set_after_the_login_does_not_make_a_fresh_command_look_old()
    {
        _gate.Time.StepWallClock(_gate.Time.GetUtcNow().AddDays(400));

        Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(_gate.OpenOnce())).Outcome);
    }

    [Fact]
    public async Task A_command_is_good_for_one_use()
    {
        var open = _gate.OpenOnce();
        await _gate.AskAsync(open);

        Assert.Equal(CommandReason.UsedBefore, (await _gate.AskAsync(open)).Reason);
        Assert.Single(_gate.Portal.Asked);
    }

    [Fact]
    public async Task Also_after_a_restart_a_command_is_good_for_one_use()
    {
        var open = _gate.OpenOnce();
        await _gate.AskAsync(open);
        await _gate.StopAsync();
        await using var again = await GateUnderCommand.StartAsync(after: _gate);
        again.Time.Advance(TimeSpan.FromSeconds(1));

        // As if the gate had been at the broker all the time: only the memory of ids stands between the command and the portal.
        var late = open with { IssuedAt = again.Time.GetUtcNow(), Expires = again.Time.GetUtcNow().AddSeconds(20) };

        Assert.Equal(CommandReason.UsedBefore, (await again.AskAsync(late)).Reason);
        Assert.Empty(again.Portal.Asked);
    }

    [Fact]
    public async Task Setting_the_clock_back_brings_no_old_command_to_life()
    {
        var open = _gate.OpenOnce();
        var then = _gate.Time.GetUtcNow();
        await _gate.AskAsync(open);
        _gate.Time.Advance(TimeSpan.FromMinutes(10));
        await _gate.AskAsync(_gate.OpenOnce()); // by now the first id is over and forgotten

        _gate.Time.StepWallClock(then.AddSeconds(1));

        Assert.Equal(CommandReason.UsedBefore, (await _gate.AskAsync(open)).Reason);
        Assert.Equal(2, _gate.Portal.Asked.Count);
    }

    [Fact]
    public async Task When_used_ids_cannot_be_written_no_command_is_taken()
    {
        Directory.CreateDirectory(_gate.UsedFile); // no file can take this name

        await IsRefusedAsync(CommandReason.IdNotKept, _gate.OpenOnce());
        Directory.Delete(_gate.UsedFile);
        Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(_gate.OpenOnce())).Outcome);
    }

    [Fact]
    public async Task Too_many_commands_in_a_row_are_refused_until_some_time_has_passed()
    {
        for (var i = 0; i < 20; i++)
            Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(_gate.OpenOnce())).Outcome);

        Assert.Equal(CommandReason.TooMany, (await _gate.AskAsync(_gate.OpenOnce())).Reason);
        _gate.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(_gate.OpenOnce())).Outcome);
        Assert.Equal(21, _gate.Portal.Asked.Count);
    }

    [Fact]
    public async Task A_command_for_a_lane_that_is_not_here_is_refused_and_not_used_up()
    {
        var other = _gate.OpenOnce() with { Lane = "lane-2" };
        await IsRefusedAsync(CommandReason.NotPossible, other);

        Assert.Equal(CommandReason.NotPossible, (await _gate.AskAsync(other)).Reason);
    }

    [Fact]
    public async Task Without_a_record_nothing_opens()
    {
        await using var inTheWay = new JournalInTheWay();
        await using var gate = await GateUnderCommand.StartAsync(
            beforeJournal: inTheWay.TakeAsync);

        var reply = await gate.AskAsync(gate.OpenOnce());

        Assert.Equal((CommandOutcome.Refused, CommandReason.NotRecorded, null), (reply.Outcome, reply.Reason, reply.Record));
        Assert.Empty(gate.Portal.Asked);
    }

    [Fact]
    public async Task A_portal_that_cannot_be_told_is_a_failure_on_record_and_in_the_reply()
    {
        _gate.Portal.Answer = new PortalResult.Unreachable("the plug was pulled");

        var reply = await _gate.AskAsync(_gate.OpenOnce());

        Assert.Equal((CommandOutcome.Failed, CommandReason.PortalUnreachable), (reply.Outcome, reply.Reason));
        Assert.Contains("the plug was pulled", reply.Text, StringComparison.Ordinal);
        Assert.Equal(["taken", "not-taken", "failed"], _gate.Records().Select(record => Text(record, record.Type is "passage" ? "passage" : "outcome")));
    }

    [Fact]
    public async Task When_the_disk_was_so_slow_that_nobody_stands_there_any_more_the_portal_stays_closed()
    {
        var effect = await _gate.Effects.ApplyAsync(_gate.OpenOnce(), record: 1, takenAt: _gate.Clock.SinceBoot - TimeSpan.FromSeconds(6));

        Assert.Equal(CommandReason.PortalUnreachable, effect.Failure);
        Assert.Empty(_gate.Portal.Asked);
    }

    [Fact]
    public async Task A_key_out_of_its_time_is_refused_and_the_next_one_overlaps_it()
    {
        var today = DateOnly.FromDateTime(_gate.Time.GetLocalNow().DateTime);
        await using var old = await GateUnderCommand.StartAsync(pinned: key => key with { NotAfter = today.AddDays(-1) });
        await using var early = await GateUnderCommand.StartAsync(pinned: key => key with { NotBefore = today.AddDays(1) });
        await using var both = await GateUnderCommand.StartAsync(pinned: key => key with { NotBefore = today, NotAfter = today });

        Assert.Equal(CommandReason.KeyNotInTime, (await old.AskAsync(old.OpenOnce())).Reason);
        Assert.Equal(CommandReason.KeyNotInTime, (await early.AskAsync(early.OpenOnce())).Reason);
        Assert.Equal(CommandOutcome.Taken, (await both.AskAsync(both.OpenOnce())).Outcome);
        Assert.Empty(old.Portal.Asked.Concat(early.Portal.Asked));
    }

    [Fact]
    public async Task What_nobody_known_has_signed_is_counted_and_has_no_record_of_its_own()
    {
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await _gate.DeliverAsync(CommandToken.Sign(_gate.OpenOnce(), GateUnderCommand.KeyId, thief));
        await _gate.DeliverAsync(CommandToken.Sign(_gate.OpenOnce(), "thief", thief));
        await _gate.DeliverAsync("open the door, please");
        await _gate.DeliverAsync(new string('A', CommandToken.LongestBytes + 1));

        CommandReason[] reasons = [CommandReason.SignatureWrong, CommandReason.KeyUnknown, CommandReason.Malformed, CommandReason.TooLarge];
        _gate.Time.Advance(TimeSpan.FromMinutes(1));
        await Patience.Until(() => reasons.All(reason => _gate.Refused(reason) == 1));
        Assert.All(_gate.Records(), record => Assert.Equal("commands-refused", record.Type));
        Assert.InRange(_gate.Records().Count, 1, 2); // two when the minute before, which passed at the start, was looked at meanwhile
        Assert.Empty(_gate.Portal.Asked);
    }

    [Fact]
    public async Task A_broker_that_repeats_commands_without_end_fills_no_disk_and_every_refusal_is_on_record()
    {
        var open = _gate.Sign(_gate.OpenOnce());
        for (var i = 0; i < 1001; i++)
            await _gate.DeliverAsync(open);
        for (var i = 0; i < 1000; i++)
            await _gate.DeliverAsync("noise");
        await _gate.StopAsync(); // writes down what is only counted

        Assert.Single(_gate.Portal.Asked);
        Assert.InRange(_gate.Records().Count, 3, 40);
        Assert.Equal((1000, 1000), (_gate.Refused(CommandReason.UsedBefore), _gate.Refused(CommandReason.Malformed)));
        Assert.InRange(_gate.Log.Lines.Count, 3, 50);
    }

    [Fact]
    public async Task Strangers_get_a_few_answers_and_no_more()
    {
        for (var i = 0; i < 100; i++)
            await _gate.DeliverAsync("noise");

        var answers = await _gate.Link.NextAsync(5);
        Assert.True(_gate.Link.IsQuiet);
        Assert.All(answers, answer => Assert.Equal((null, CommandReason.Malformed), (GateUnderCommand.Reply(answer).Id, GateUnderCommand.Reply(answer).Reason)));
    }

    [Fact]
    public void Nothing_but_a_signature_moves_the_portal()
    {
        var token = System.Text.Encoding.UTF8.GetBytes(_gate.Sign(_gate.OpenOnce()));
        var payloads = Gen.OneOf(
            ArbMap.Default.GeneratorFor<byte[]>(),
            from at in Gen.Choose(0, token.Length - 1)
            from noise in ArbMap.Default.GeneratorFor<byte[]>()
            select (byte[])[.. token[..at], .. noise, .. token[Math.Min(token.Length, at + noise.Length)..]],
            from length in Gen.Choose(0, token.Length - 1)
            select token[..length]);

        Prop.ForAll(payloads.Where(payload => !payload.SequenceEqual(token)).ToArbitrary(), payload =>
        {
            _gate.DeliverAsync(payload).InTime().GetAwaiter().GetResult();
            return _gate.Portal.Asked.Count == 0 && _gate.Mode.Current is PortalMode.Normal;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void Nothing_but_a_fresh_command_moves_the_portal_whatever_its_times()
    {
        var offsets = Gen.Choose(-400, 400);
        var times = (from issued in offsets from expires in offsets from retained in Gen.Elements(true, false) select (issued, expires, retained)).ToArbitrary();
        Prop.ForAll(times, command =>
        {
            _gate.Time.Advance(TimeSpan.FromSeconds(10)); // so that the rate limit is not what refuses
            var before = _gate.Portal.Asked.Count;
            var now = _gate.Time.GetUtcNow();
            var signed = _gate.OpenOnce() with { IssuedAt = now.AddSeconds(command.issued), Expires = now.AddSeconds(command.expires) };
            _gate.DeliverAsync(_gate.Sign(signed), command.retained).InTime().GetAwaiter().GetResult();
            var mayOpen = !command.retained && command.issued <= 5 && command.expires > 0 && command.expires > command.issued && command.expires - command.issued <= 60;
            return _gate.Portal.Asked.Count == before + (mayOpen ? 1 : 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public async Task A_mode_stays_in_force_through_restarts()
    {
        var reply = await _gate.AskAsync(SetMode(PortalMode.Closed));
        await _gate.StopAsync();
        await using var again = await GateUnderCommand.StartAsync(after: _gate);

        Assert.Equal(CommandOutcome.Taken, reply.Outcome);
        Assert.Equal(PortalMode.Closed, again.Mode.Current);
        Assert.Equal("closed", Text(again.Records()[0], "mode"));
    }

    [Fact]
    public async Task A_mode_goes_on_record_only_after_the_one_that_is_just_being_set()
    {
        var between = await _gate.Mode.TakeTurnAsync(); // a guard's mode is on record and not in force yet
        var delivered = _gate.DeliverAsync(_gate.Sign(SetMode(PortalMode.Closed)));
        await _gate.Journal.FlushAsync(CancellationToken.None); // what was queued before is on disk
        Assert.Empty(_gate.Records());

        between.Dispose();
        await delivered.InTime();
        Assert.Equal("closed", Text(Assert.Single(_gate.Records()), "mode"));
        Assert.Equal(PortalMode.Closed, _gate.Mode.Current);
    }

    [Fact]
    public async Task A_portal_that_cannot_be_held_open_is_not_set_free_and_the_reply_says_so()
    {
        _gate.Portal.WhyNotHeld = "it has no text that holds it open";
        var reply = await _gate.AskAsync(SetMode(PortalMode.Free));

        Assert.Equal((CommandOutcome.Refused, CommandReason.NotPossible, PortalMode.Normal), (reply.Outcome, reply.Reason, _gate.Mode.Current));
        Assert.Contains("no text that holds it open", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_portal_that_can_be_held_open_is_set_free()
    {
        var reply = await _gate.AskAsync(SetMode(PortalMode.Free));

        Assert.Equal((CommandOutcome.Taken, PortalMode.Free), (reply.Outcome, _gate.Mode.Current));
    }

    [Fact]
    public async Task A_tally_asked_for_is_published_at_once()
    {
        await _gate.AskAsync(_gate.Fresh(new ReportTallyCommand()));

        List<string> topics = [];
        _gate.Retained.Drain((topic, _) => { topics.Add(topic); return true; });
        Assert.Equal([GateUnderCommand.Topics.Tally], topics);
    }

    [Fact]
    public async Task A_tally_the_journal_cannot_give_is_answered_and_recorded_as_failed()
    {
        await _gate.Journal.RaiseNextAsync(5, CancellationToken.None); // void numbers: their account is read from the records
        var store = Path.Combine(Path.GetDirectoryName(_gate.UsedFile)!, "journal", "journal.db");
        File.Move(store, store + ".away"); // the writer keeps its open file, a new reader finds none
        var reply = await _gate.AskAsync(_gate.Fresh(new ReportTallyCommand()));
        File.Move(store + ".away", store);

        Assert.Equal((CommandOutcome.Failed, CommandReason.NotStored), (reply.Outcome, reply.Reason));
        Assert.Equal("failed", _gate.Records()[^1].Data.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task A_range_to_send_again_waits_for_the_uplink_and_when_sixteen_wait_the_next_fails()
    {
        for (var i = 1; i <= 16; i++)
            Assert.Equal(CommandOutcome.Taken, (await _gate.AskAsync(Resend(i, i + 10))).Outcome);

        var reply = await _gate.AskAsync(Resend(17, 27));

        Assert.Equal((CommandOutcome.Failed, CommandReason.NotStored), (reply.Outcome, reply.Reason));
        Assert.True(_gate.Resends.TryTake(out var range));
        Assert.Equal((1, 11), range);
    }

    [Fact]
    public async Task A_notice_stands_on_the_kiosk_until_its_time_is_over_and_the_gate_can_say_its_name_meanwhile()
    {
        await _gate.AskAsync(Notice("今日停水", "No water today", TimeSpan.FromMinutes(10)));
        Assert.Equal(new Bilingual("今日停水", "No water today"), (await ShownAsync()).Notice?.Words);

        await _gate.AskAsync(_gate.Fresh(new IdentifyCommand()));
        Assert.Equal(NoticeRank.Identification, (await ShownAsync()).Notice?.Rank);
        Assert.Contains("gate-1", (await ShownAsync()).Notice!.Words.En, StringComparison.Ordinal);

        _gate.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("No water today", (await ShownAsync()).Notice?.Words.En);
        _gate.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null((await ShownAsync()).Notice);
    }

    [Fact]
    public async Task A_notice_is_on_the_screen_again_after_a_restart()
    {
        await _gate.AskAsync(Notice("今日停水", "No water today", TimeSpan.FromMinutes(10)));
        await _gate.StopAsync();

        await using var restarted = await GateUnderCommand.StartAsync(after: _gate);
        Assert.Null((await ShownAsync(restarted)).Notice);
        restarted.Notices.Post(); // as the service does at its start

        Assert.Equal("No water today", (await ShownAsync(restarted)).Notice?.Words.En);
        _gate.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null((await ShownAsync(restarted)).Notice);
    }

    [Theory, InlineData(-1), InlineData(25 * 60)]
    public async Task A_notice_that_is_over_or_would_stand_for_days_is_refused(int minutes) =>
        Assert.Equal(CommandReason.NotPossible, (await _gate.AskAsync(Notice("今日停水", "No water today", TimeSpan.FromMinutes(minutes)))).Reason);

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    /// <summary>The reply and the record say why, and the portal has not moved.</summary>
    private async Task IsRefusedAsync(CommandReason reason, GateCommand command, bool retained = false)
    {
        var openings = _gate.Portal.Asked.Count;
        var reply = await _gate.AskAsync(command, retained);

        Assert.Equal((command.Id, CommandOutcome.Refused, reason), (reply.Id, reply.Outcome, reply.Reason));
        Assert.NotEmpty(reply.Text);
        Assert.Equal(openings, _gate.Portal.Asked.Count);
        Assert.Equal(1, _gate.Refused(reason));
    }

    private SetModeCommand SetMode(PortalMode mode) =>
        _gate.Fresh(new SetModeCommand("lane-1", "a test", mode));

    private ResendRangeCommand Resend(long first, long last) =>
        _gate.Fresh(new ResendRangeCommand(first, last));

    private NoticeCommand Notice(string zh, string en, TimeSpan standsFor) =>
        _gate.Fresh(new NoticeCommand(zh, en, _gate.Time.GetUtcNow() + standsFor));

    private Task<KioskView> ShownAsync() => ShownAsync(_gate);

    private static async Task<KioskView> ShownAsync(GateUnderCommand gate)
    {
        using var watcher = gate.Kiosk.TryWatch()!;
        await foreach (var view in watcher.ViewsAsync(Timeout.InfiniteTimeSpan, gate.Time, CancellationToken.None))
            return view;
        throw new InvalidOperationException("nothing is shown");
    }

    private static string? Text((string Type, System.Text.Json.JsonElement Data) record, string name) => record.Data.GetProperty(name).GetString();
}

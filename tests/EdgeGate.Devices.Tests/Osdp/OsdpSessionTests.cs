using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>The panel's conversation with one reader in the clear: numbers, repeats, refusals, silence.</summary>
public class OsdpSessionTests
{
    private static readonly WiegandBits Card = new WiegandCard(26, 99 << 16 | 12345).Encode();
    private static readonly OsdpCommand Open = OsdpCommand.Output(0, OsdpOutputAction.OnForTime, TimeSpan.FromSeconds(1));
    private static readonly OsdpCommand Beep = OsdpCommand.Buzzer(0, TimeSpan.FromMilliseconds(200), TimeSpan.Zero, 1);

    [Fact]
    public void A_reader_says_who_it_is_and_comes_online()
    {
        var table = new OsdpTable().Online();
        Assert.Equal(table.Device.Identification, table.Session.Status.Identification);
        Assert.Equal(OsdpProtection.None, table.Session.Status.Protection);
        Assert.Contains(new OsdpEvent.LocalStatus(Tampered: false, PowerFailed: false), table.Events);
    }

    [Fact]
    public void Numbers_start_at_0_and_then_go_round_1_2_3()
    {
        var table = new OsdpTable().Online();
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1, 2, 3, 1, 2, 3, 1], table.Sent.Take(8).Select(frame => frame.Header.Sequence));
    }

    [Fact]
    public void A_card_is_reported_once()
    {
        var table = new OsdpTable().Online();
        table.Device.PresentCard(Card);
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(WiegandCard.TryDecode(Assert.Single(table.Cards).Bits, out var card, out _));
        Assert.Equal((99, 12345), (card.Facility, card.Card));
    }

    [Fact]
    public void A_card_whose_reply_was_lost_is_reported_once_all_the_same()
    {
        var table = new OsdpTable().Online();
        table.Device.PresentCard(Card);
        table.Device.LostReplies = 2;
        table.RunFor(TimeSpan.FromSeconds(2));
        Assert.Single(table.Cards);
    }

    [Fact]
    public void A_frame_that_was_not_answered_is_sent_again_bit_for_bit()
    {
        var table = new OsdpTable().Online();
        table.Sent.Clear();
        table.Device.LostReplies = 1;
        table.Exchange();
        table.Exchange();
        Assert.Equal(table.Sent[0].Wire.ToArray(), table.Sent[1].Wire.ToArray());
    }

    [Fact]
    public void An_output_whose_confirmation_was_lost_is_switched_once()
    {
        var table = new OsdpTable().Online();
        table.Exchange();
        table.Device.LostReplies = 2;
        Assert.IsType<OsdpResult.Done>(table.Send(Open));
        Assert.Single(table.Device.Obeyed);
    }

    [Fact]
    public void A_command_that_was_never_confirmed_is_not_sent_again_in_the_next_conversation()
    {
        var table = new OsdpTable().Online();
        table.ToPanel = _ => table.Device.Obeyed.Count > 0 ? [] : [Ack(table)];
        Assert.IsType<OsdpResult.Unreachable>(table.Send(Open));
        table.ToPanel = wire => wire is null ? [] : [wire];
        table.Online().RunFor(TimeSpan.FromSeconds(20));
        Assert.Single(table.Device.Obeyed);

        static byte[] Ack(OsdpTable table) =>
            OsdpFrame.Create(table.Sent[^1].Header with { IsReply = true }, (byte)OsdpReplyCode.Ack, []).Wire.ToArray();
    }

    [Fact]
    public void A_reply_with_another_number_is_no_answer()
    {
        var table = new OsdpTable().Polling();
        table.Device.PresentCard(Card);
        table.Device.WrongSequences = 1;
        table.RunFor(TimeSpan.FromSeconds(2));
        Assert.Single(table.Cards);
    }

    [Fact]
    public void A_late_reply_to_an_earlier_poll_is_no_card_of_its_own()
    {
        var table = new OsdpTable().Polling();
        byte[]? late = null;
        table.ToPanel = wire =>
        {
            byte[][] heard = late is null ? [wire!] : [late, wire!];
            late = OsdpTable.Parse(wire!)!.Reply == OsdpReplyCode.RawCard ? wire : null;
            return heard;
        };
        table.Device.PresentCard(Card);
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.Single(table.Cards);
    }

    [Fact]
    public void A_busy_reader_is_asked_again_with_the_same_frame()
    {
        var table = new OsdpTable().Online();
        table.Exchange();
        table.Device.BusyReplies = 3;
        Assert.IsType<OsdpResult.Done>(table.Send(Beep));
        Assert.Single(table.Device.Obeyed);
        Assert.Equal(OsdpState.Online, table.State);
    }

    [Fact]
    public void A_reader_that_stays_busy_does_not_open_late()
    {
        var table = new OsdpTable().Online();
        table.Exchange();
        var order = new OsdpOrder(Open);
        table.Session.Enqueue(order);
        table.Device.BusyReplies = 15; // more than two seconds of them
        table.RunFor(TimeSpan.FromSeconds(6));
        Assert.IsType<OsdpResult.Unreachable>(order.Ended);
        Assert.Empty(table.Device.Obeyed);
        Assert.Equal(OsdpState.Online, table.State);
    }

    [Fact]
    public void A_reader_that_is_busy_for_8_seconds_is_offline()
    {
        var table = new OsdpTable().Online();
        table.Device.BusyReplies = int.MaxValue;
        table.RunFor(TimeSpan.FromSeconds(9));
        Assert.Equal(OsdpState.Offline, table.State);
        Assert.Contains("busy", table.Session.Status.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_command_says_why_and_the_conversation_goes_on()
    {
        var table = new OsdpTable().Online();
        Assert.Equal(new OsdpResult.Refused(OsdpNak.CommandUnknown), table.Send(OsdpCommand.Output(77, OsdpOutputAction.On, TimeSpan.Zero)));
        Assert.IsType<OsdpResult.Done>(table.Send(Beep));
        Assert.Single(table.Events.OfType<OsdpEvent.SessionBegan>());
    }

    [Fact]
    public void A_reader_that_was_reset_is_talked_to_anew_without_going_offline()
    {
        var table = new OsdpTable().Online();
        table.Device.Reset();
        table.Device.PresentCard(Card);
        table.RunFor(TimeSpan.FromSeconds(2));
        Assert.Single(table.Cards);
        Assert.Equal(2, table.Events.OfType<OsdpEvent.SessionBegan>().Count());
        Assert.DoesNotContain(table.Events, happened => happened is OsdpEvent.StatusChanged { Status.State: OsdpState.Offline });
    }

    [Fact]
    public void A_silent_reader_is_offline_after_8_seconds_and_then_tried_every_10()
    {
        var table = new OsdpTable().Online();
        table.Device.Silent = true;
        table.RunFor(TimeSpan.FromSeconds(7));
        Assert.Equal(OsdpState.Online, table.State);
        table.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal(OsdpState.Offline, table.State);

        table.RunFor(TimeSpan.FromMinutes(1));
        table.Sent.Clear();
        table.RunFor(TimeSpan.FromMinutes(10));
        Assert.InRange(table.Sent.Count, 50, 62);

        table.Device.Silent = false;
        table.RunFor(TimeSpan.FromSeconds(21)); // every other try is with the checksum, which it knows too
        Assert.Equal(OsdpState.Online, table.State);
    }

    [Fact]
    public void Commands_for_a_reader_that_is_offline_end_at_once()
    {
        var table = new OsdpTable();
        table.Device.Silent = true;
        table.RunFor(TimeSpan.FromSeconds(10));
        var order = new OsdpOrder(Beep);
        table.Session.Enqueue(order);
        Assert.NotNull(order.Ended);
    }

    [Fact]
    public void A_reader_that_knows_no_CRC_is_talked_to_with_checksums()
    {
        var time = new EdgeGate.Testing.ManualTime();
        var table = new OsdpTable(device: new SimulatedOsdpPeripheral(1, time) { ChecksumOnly = true }).Online();
        Assert.False(table.Sent[^1].Header.UsesCrc);
    }

    [Fact]
    public void A_reply_whose_CRC_bit_fell_over_is_no_answer()
    {
        var table = new OsdpTable().Polling();
        table.ToPanel = wire => wire is null ? [] : [OsdpFrame.Create(OsdpTable.Parse(wire)!.Header with { UsesCrc = false }, (byte)OsdpReplyCode.RawCard, [0, 1, 26, 0, 1, 2, 3, 4]).Wire.ToArray()];
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(table.Cards);
    }

    [Fact]
    public void A_flood_of_commands_does_not_keep_cards_away()
    {
        var table = new OsdpTable().Polling();
        table.Exchange();
        for (var i = 0; i < OsdpSession.MaxOrders; i++)
            table.Session.Enqueue(new OsdpOrder(Beep));
        table.Device.PresentCard(Card);
        for (var i = 0; i < 4; i++)
            table.Exchange();
        Assert.Single(table.Cards);
    }

    [Fact]
    public void One_command_too_many_is_turned_away()
    {
        var table = new OsdpTable().Online();
        for (var i = 0; i < OsdpSession.MaxOrders; i++)
            table.Session.Enqueue(new OsdpOrder(Beep));
        var one = new OsdpOrder(Beep);
        table.Session.Enqueue(one);
        Assert.NotNull(one.Ended);
    }

    [Fact]
    public void A_withdrawn_command_is_never_sent()
    {
        var table = new OsdpTable().Online();
        var order = new OsdpOrder(Open);
        table.Session.Enqueue(order);
        Assert.True(order.TryWithdraw());
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(table.Device.Obeyed);
    }

    [Fact]
    public void Keys_tamper_and_power_are_reported()
    {
        var table = new OsdpTable().Online();
        table.Device.Press("12#*");
        table.Device.Tampered = true;
        table.Device.Tampered = true; // no news
        table.Device.PowerFailed = true;
        table.Events.Clear();
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal("12#*", table.Events.OfType<OsdpEvent.KeysPressed>().Single().Keys.Keys);
        Assert.Equal([new(true, false), new(true, true)], table.Events.OfType<OsdpEvent.LocalStatus>());
    }

    [Fact]
    public void A_card_whose_length_contradicts_itself_is_counted_and_not_reported()
    {
        var table = new OsdpTable().Online();
        table.Device.Say(OsdpReplyCode.RawCard, [0, 1, 200, 0, 1, 2, 3, 4]);
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(table.Cards);
        Assert.Equal(1, table.Session.Faults[EdgeGate.Devices.Framing.FrameFault.BadInnerLength]);
        Assert.Equal(OsdpState.Online, table.State);
    }

    [Fact]
    public void An_answer_to_another_question_begins_the_conversation_anew()
    {
        var table = new OsdpTable().Online();
        table.Device.Say(OsdpReplyCode.Identification, new byte[12]);
        table.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(2, table.Events.OfType<OsdpEvent.SessionBegan>().Count());
    }

    [Fact]
    public void A_timed_output_ends_by_itself()
    {
        var table = new OsdpTable().Online();
        Assert.IsType<OsdpResult.Done>(table.Send(Open));
        Assert.True(table.Device.IsOutputOn(0));
        table.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(table.Device.IsOutputOn(0));
    }
}

using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>The secure channel between session and peripheral, with people on the cable.</summary>
public class OsdpSecureSessionTests
{
    private static readonly WiegandBits Card = new WiegandCard(34, 0x99990001).Encode();
    private static readonly OsdpKey AnotherKey = new([.. Enumerable.Repeat((byte)7, OsdpKey.Length)]);

    [Fact]
    public void Both_sides_prove_their_key_and_a_card_is_read_encrypted()
    {
        var table = new OsdpTable(OsdpTable.Key).Online();
        Assert.Equal(OsdpProtection.SecureChannel, table.Session.Status.Protection);
        var heard = new List<byte[]>();
        table.ToPanel = wire =>
        {
            heard.AddRange(wire is null ? [] : [wire]);
            return wire is null ? [] : [wire];
        };
        table.Device.PresentCard(Card);
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(Card.Bytes.ToArray(), Assert.Single(table.Cards).Bits.Bytes.ToArray());
        Assert.DoesNotContain(heard, wire => wire.AsSpan().IndexOf(Card.Bytes.Span) >= 0);
    }

    [Fact]
    public void Commands_are_encrypted_and_obeyed_once_though_replies_are_lost()
    {
        var table = new OsdpTable(OsdpTable.Key).Online();
        table.Exchange();
        table.Device.LostReplies = 2;
        Assert.IsType<OsdpResult.Done>(table.Send(OsdpCommand.Output(0, OsdpOutputAction.OnForTime, TimeSpan.FromSeconds(1))));
        Assert.Single(table.Device.Obeyed);
    }

    [Fact]
    public void A_reader_with_another_key_stays_offline_and_the_cause_is_said()
    {
        var table = new OsdpTable(OsdpTable.Key);
        table.Device.Key = AnotherKey;
        table.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal(OsdpState.Unusable, table.State);
        Assert.Contains("another key", table.Session.Status.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_with_a_key_set_here_is_never_used_in_the_clear()
    {
        var table = new OsdpTable(OsdpTable.Key);
        table.ToPanel = wire => wire is null ? [] : [Plainly(wire, table)]; // a man in the middle, or a reader that cannot
        table.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal(OsdpState.Unusable, table.State);
        Assert.DoesNotContain(table.Sent, frame => frame.Command == OsdpCommandCode.Poll);

        static byte[] Plainly(byte[] wire, OsdpTable table) => table.Sent[^1].Command == OsdpCommandCode.Challenge
            ? OsdpFrame.Create(table.Sent[^1].Header with { IsReply = true }, (byte)OsdpReplyCode.Nak, [(byte)OsdpNak.SecurityBlockUnsupported]).Wire.ToArray()
            : wire;
    }

    [Fact]
    public void A_reader_that_talks_securely_only_is_offline_without_a_key()
    {
        var time = new EdgeGate.Testing.ManualTime();
        var table = new OsdpTable(device: new SimulatedOsdpPeripheral(1, time) { RequiresSecureChannel = true, Key = AnotherKey });
        table.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(OsdpState.Unusable, table.State);
        Assert.Contains("set its key", table.Session.Status.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_reader_is_not_given_its_key_unless_a_person_allows_it()
    {
        var table = new OsdpTable(OsdpTable.Key);
        table.Device.Key = null;
        table.RunFor(TimeSpan.FromMinutes(1));
        Assert.Null(table.Device.Key);
        Assert.Contains("installed", table.Session.Status.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_reader_is_given_its_key_while_it_is_allowed()
    {
        var table = new OsdpTable(OsdpTable.Key);
        table.Device.Key = null;
        table.Session.AllowInstall(table.Time.GetTimestamp(), TimeSpan.FromMinutes(10));
        table.Online();
        Assert.True(OsdpTable.Key.Bytes.SequenceEqual(table.Device.Key!.Bytes));
        Assert.Equal(OsdpProtection.SecureChannel, table.Session.Status.Protection);
    }

    [Fact]
    public void Install_mode_ends_by_itself()
    {
        var table = new OsdpTable(OsdpTable.Key);
        table.Device.Silent = true;
        table.Session.AllowInstall(table.Time.GetTimestamp(), TimeSpan.FromMinutes(10));
        table.RunFor(TimeSpan.FromMinutes(10.5));
        table.Device.Key = null;
        table.Device.Silent = false;
        table.RunFor(TimeSpan.FromMinutes(1));
        Assert.Null(table.Device.Key);
    }

    [Fact]
    public void Install_mode_ends_when_the_reader_has_its_key()
    {
        var table = new OsdpTable(OsdpTable.Key);
        table.Session.AllowInstall(table.Time.GetTimestamp(), TimeSpan.FromMinutes(10));
        table.Online();
        table.Device.Key = null; // somebody put a fresh one in its place
        table.Device.Reset();
        table.RunFor(TimeSpan.FromMinutes(1));
        Assert.Null(table.Device.Key);
        Assert.Equal(OsdpState.Unusable, table.State);
    }

    [Fact]
    public void A_card_slipped_in_in_the_clear_is_not_believed()
    {
        var table = new OsdpTable(OsdpTable.Key).Polling();
        table.ToPanel = wire => wire is null ? [] : [Forged(table), wire];
        table.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(table.Cards);
        Assert.Equal(OsdpState.Online, table.State);

        static byte[] Forged(OsdpTable table) =>
            OsdpFrame.Create(table.Sent[^1].Header with { IsReply = true }, (byte)OsdpReplyCode.RawCard, new OsdpCard(0, 1, Card).Encode()).Wire.ToArray();
    }

    [Fact]
    public void A_recorded_reply_is_not_believed_a_second_time()
    {
        var table = new OsdpTable(OsdpTable.Key).Polling();
        var recorded = new List<byte[]>();
        table.ToPanel = wire =>
        {
            if (wire is not null && OsdpTable.Parse(wire)!.Security == OsdpSecurity.EncryptedReply)
                recorded.Add(wire);
            return wire is null ? [] : [.. recorded, wire];
        };
        table.Device.PresentCard(Card);
        table.RunFor(TimeSpan.FromSeconds(5));
        Assert.Single(table.Cards);
    }

    [Fact]
    public void A_message_altered_with_its_CRC_made_right_is_not_believed_and_the_third_ends_the_session()
    {
        var table = new OsdpTable(OsdpTable.Key).Online();
        table.Device.PresentCard(Card);
        table.ToPanel = wire => wire is null ? [] : [Altered(wire)];
        table.RunFor(TimeSpan.FromSeconds(2));
        Assert.Empty(table.Cards);
        Assert.True(table.Session.Faults[FrameFault.BadMac] >= 3);
        Assert.True(table.Events.OfType<OsdpEvent.SessionBegan>().Count() >= 2);

        static byte[] Altered(byte[] wire)
        {
            var frame = OsdpTable.Parse(wire)!;
            if (frame.Security < OsdpSecurity.CommandWithMac)
                return wire;
            var mac = frame.Mac.ToArray();
            mac[0] ^= 1;
            return OsdpFrame.Create(frame.Header, [(byte)frame.Security], (byte)frame.Reply, frame.Data, _ => mac).Wire.ToArray();
        }
    }

    [Fact]
    public void A_reader_that_was_reset_gets_a_new_session_with_new_keys()
    {
        var table = new OsdpTable(OsdpTable.Key).Online();
        table.Device.Reset();
        table.Device.PresentCard(Card);
        table.RunFor(TimeSpan.FromSeconds(3));
        Assert.Single(table.Cards);
        var challenges = table.Sent.Where(frame => frame.Command == OsdpCommandCode.Challenge).Select(frame => Convert.ToHexString(frame.Data)).ToArray();
        Assert.Equal(2, challenges.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_reader_that_echoes_the_panel_proves_nothing()
    {
        var table = new OsdpTable(OsdpTable.Key);
        // A device without the key answers the cryptogram with whatever it likes.
        table.ToPanel = wire => wire is null ? [] : [Mimic(wire)];
        table.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal(OsdpState.Unusable, table.State);

        static byte[] Mimic(byte[] wire)
        {
            var frame = OsdpTable.Parse(wire)!;
            return frame.Security == OsdpSecurity.InitialMac
                ? OsdpFrame.Create(frame.Header, [(byte)OsdpSecurity.InitialMac, 1], (byte)OsdpReplyCode.InitialMac, new byte[16], mac: null).Wire.ToArray()
                : wire;
        }
    }
}

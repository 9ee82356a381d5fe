using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Wiegand;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>What a hostile device and a hostile cable may do, and what must not come of it.</summary>
public class OsdpAttackProperties
{
    /// <summary>One thing said by somebody who knows the protocol and not the key.</summary>
    public sealed record Forgery(OsdpReplyCode Reply, OsdpSecurity Security, int SequenceOff, byte BlockData, byte[] Data, bool UsesCrc);

    private static readonly OsdpReplyCode[] Replies = Enum.GetValues<OsdpReplyCode>();
    private static readonly OsdpSecurity[] Securities = [.. Enum.GetValues<OsdpSecurity>(), OsdpSecurity.None, OsdpSecurity.None];

    private static Gen<Forgery> Forgeries =>
        from reply in Gen.Elements(Replies)
        from security in Gen.Elements(Securities)
        from off in Gen.Frequency((5, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
        from block in Gen.Elements<byte>(0, 1, 0xFF)
        from data in Gen.OneOf(
            Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(),
            Gen.Elements(12, 16, 32).SelectMany(length => Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(length)),
            Gen.Constant(new OsdpCard(0, 1, new WiegandCard(26, 1).Encode()).Encode()))
        from crc in Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false)))
        select new Forgery(reply, security, off, block, data, crc);

    [Fact]
    public void A_device_without_the_key_never_comes_online_and_never_reports_anything() =>
        Prop.ForAll(Forgeries.ArrayOf().ToArbitrary(), forgeries =>
        {
            var table = new OsdpTable(OsdpTable.Key);
            Attack(table, forgeries, genuine: false);
            return table.State != OsdpState.Online && !table.Events.Any(happened => happened is not OsdpEvent.StatusChanged)
                && table.Sent.TrueForAll(frame => frame.Command != OsdpCommandCode.KeySet);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_key_is_never_on_the_line_as_it_is_not_even_when_it_is_given() =>
        Prop.ForAll(Forgeries.ArrayOf().ToArbitrary(), forgeries =>
        {
            var table = new OsdpTable(OsdpTable.Key);
            table.Device.Key = null;
            table.Session.AllowInstall(table.Time.GetTimestamp(), TimeSpan.FromMinutes(10));
            Attack(table, forgeries, genuine: true);
            table.RunFor(TimeSpan.FromSeconds(40));
            return table.Device.Key is not null && table.Sent.TrueForAll(frame => frame.Wire.Span.IndexOf(OsdpTable.Key.Bytes) < 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_device_that_comes_and_goes_is_tried_ever_more_seldom()
    {
        var table = new OsdpTable();
        table.ToPanel = wire => wire is null ? [] : table.Sent[^1].Command == OsdpCommandCode.Poll ? [Forge(table, Unwilling)!] : [wire];
        table.RunFor(TimeSpan.FromMinutes(2));
        table.Events.Clear();
        table.RunFor(TimeSpan.FromMinutes(10));
        Assert.InRange(table.Events.OfType<OsdpEvent.StatusChanged>().Count(), 1, 130);
    }

    private static readonly Forgery Unwilling = new(OsdpReplyCode.Nak, OsdpSecurity.None, 0, 0, [(byte)OsdpNak.SecurityConditionsNotMet], UsesCrc: true);

    [Fact]
    public void On_a_secure_line_nothing_said_or_repeated_in_between_is_believed() =>
        Prop.ForAll(Forgeries.ArrayOf().ToArbitrary(), forgeries =>
        {
            var table = new OsdpTable(OsdpTable.Key).Polling();
            var presented = 0;
            var recorded = new List<byte[]>();
            table.ToPanel = wire =>
            {
                var said = forgeries.Take(3).Select(forgery => Forge(table, forgery)).OfType<byte[]>();
                byte[][] heard = [.. recorded.TakeLast(20), .. said, .. wire is null ? Array.Empty<byte[]>() : [wire]];
                if (wire is not null)
                    recorded.Add(wire);
                forgeries = [.. forgeries.Skip(3)];
                return heard;
            };
            for (var i = 0; i < 30; i++)
            {
                if (i % 5 == 0)
                    table.Device.PresentCard(new WiegandCard(34, (uint)(1000 + presented++)).Encode());
                table.Exchange();
            }
            var read = table.Cards.Select(card => WiegandCard.TryDecode(card.Bits, out var number, out _) ? number.Number : 0).ToList();
            return read.All(number => number >= 1000) && read.Zip(read.Skip(1)).All(pair => pair.First < pair.Second)
                && !table.Events.OfType<OsdpEvent.KeysPressed>().Any();
        }).QuickCheckThrowOnFailure();

    [Theory, InlineData(false), InlineData(true)]
    public void Whatever_a_device_says_the_session_goes_on_and_stays_within_its_pace(bool secure) =>
        Prop.ForAll(Forgeries.ArrayOf().ToArbitrary(), forgeries =>
        {
            var table = new OsdpTable(secure ? OsdpTable.Key : null);
            Attack(table, forgeries, genuine: true);
            var began = table.Time.GetTimestamp();
            table.Sent.Clear();
            Attack(table, [], genuine: true);
            table.RunFor(TimeSpan.FromSeconds(40));
            return table.State == OsdpState.Online && table.Sent.Count < table.Time.GetElapsedTime(began).TotalSeconds * 15;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_simulated_device_has_an_answer_to_whatever_it_is_asked() =>
        Prop.ForAll(Forgeries.ArrayOf().ToArbitrary(), Gen.Elements(Enum.GetValues<OsdpCommandCode>()).ArrayOf().ToArbitrary(), (forgeries, codes) =>
        {
            var table = new OsdpTable(OsdpTable.Key).Online();
            return forgeries.Zip(codes).All(pair =>
            {
                var header = table.Sent[^1].Header with { Sequence = pair.First.SequenceOff };
                byte[] block = pair.First.Security is OsdpSecurity.None ? [] : [(byte)pair.First.Security, pair.First.BlockData];
                var asked = OsdpFrame.Create(header, block, (byte)pair.Second, pair.First.Data, pair.First.Security >= OsdpSecurity.CommandWithMac ? _ => [1, 2, 3, 4] : null);
                return table.Device.Answer(asked) is not null;
            });
        }).QuickCheckThrowOnFailure();

    private static void Attack(OsdpTable table, Forgery[] forgeries, bool genuine)
    {
        var left = new Queue<Forgery>(forgeries);
        table.ToPanel = wire =>
        {
            byte[][] forged = left.TryDequeue(out var forgery) && Forge(table, forgery) is { } said ? [said] : [];
            return genuine && wire is not null ? [.. forged, wire] : forged;
        };
        for (var i = 0; i < forgeries.Length + 5; i++)
            table.Exchange();
    }

    /// <summary>A frame with a good check value, as an answer to the last command.</summary>
    private static byte[]? Forge(OsdpTable table, Forgery forgery)
    {
        var asked = table.Sent[^1].Header;
        var header = asked with { IsReply = true, Sequence = (asked.Sequence + forgery.SequenceOff) & 3, UsesCrc = forgery.UsesCrc };
        byte[] block = forgery.Security switch
        {
            OsdpSecurity.None => [],
            >= OsdpSecurity.CommandWithMac => [(byte)forgery.Security],
            _ => [(byte)forgery.Security, forgery.BlockData],
        };
        Func<ReadOnlySpan<byte>, byte[]>? mac = forgery.Security >= OsdpSecurity.CommandWithMac ? _ => [1, 2, 3, 4] : null;
        return OsdpFrame.Create(header, block, (byte)forgery.Reply, forgery.Data, mac).Wire.ToArray();
    }
}

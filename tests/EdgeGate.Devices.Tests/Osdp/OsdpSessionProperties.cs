using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Wiegand;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>
/// What must hold whatever a cable does: frames lost, damaged or heard twice in either direction, a reader that is reset,
/// busy, or slow.
/// </summary>
public class OsdpSessionProperties
{
    public enum Mishap { None, CommandLost, CommandDamaged, ReplyLost, ReplyDamaged, ReplyTwice, OldReplyFirst, Reset, Busy, Card, Order }

    private static Arbitrary<Mishap[]> Scripts => Gen.Frequency(
        (6, Gen.Constant(Mishap.None)), (3, Gen.Constant(Mishap.Card)), (2, Gen.Constant(Mishap.Order)),
        (6, Gen.Elements(Enum.GetValues<Mishap>()))).ArrayOf().Select(script => script.Concat(script).ToArray()).ToArbitrary();

    [Theory, InlineData(false), InlineData(true)]
    public void No_card_is_read_twice_and_no_order_obeyed_twice_and_the_reader_comes_back(bool secure) =>
        Prop.ForAll(Scripts, script =>
        {
            var trial = new Trial(secure);
            trial.Play(script);
            trial.Settle();
            return trial.CardsAreInOrderAndOnce && trial.OrdersAreObeyedOnceAndTruthful && trial.NumbersAreRight
                && trial.Table.State == OsdpState.Online && trial.ReadsACardNow();
        }).QuickCheckThrowOnFailure();

    private sealed class Trial(bool secure)
    {
        private readonly List<OsdpOrder> _orders = [];
        private readonly List<byte[]> _old = [];
        private uint _card;
        private byte _order;
        private Mishap _now;

        public OsdpTable Table { get; } = new(secure ? OsdpTable.Key : null);

        /// <summary>A card can be lost with a conversation, but none comes twice or out of turn.</summary>
        public bool CardsAreInOrderAndOnce
        {
            get
            {
                var read = Table.Cards.Select(card => WiegandCard.TryDecode(card.Bits, out var number, out _) ? number.Number : 0).ToList();
                return read.Zip(read.Skip(1)).All(pair => pair.First < pair.Second);
            }
        }

        /// <summary>What is called done was obeyed once; what is not may have been obeyed, but never twice.</summary>
        public bool OrdersAreObeyedOnceAndTruthful
        {
            get
            {
                var obeyed = Table.Device.Obeyed.CountBy(command => command.Data.Span[4]).ToDictionary();
                return obeyed.Values.All(times => times == 1)
                    && _orders.All(order => order.Ended is not null
                        && (order.Ended is not OsdpResult.Done || obeyed.ContainsKey(order.Command.Data.Span[4])));
            }
        }

        /// <summary>The next number follows the one before, or is 0, or the very same frame is repeated.</summary>
        public bool NumbersAreRight => Table.Sent.Zip(Table.Sent.Skip(1)).All(pair =>
            pair.Second.Header.Sequence == 0
            || pair.Second.Header.Sequence == pair.First.Header.Sequence % 3 + 1
            || pair.Second.Wire.Span.SequenceEqual(pair.First.Wire.Span));

        public void Play(Mishap[] script)
        {
            Table.ToDevice = wire => _now switch
            {
                Mishap.CommandLost => null,
                Mishap.CommandDamaged => Damaged(wire),
                _ => wire,
            };
            Table.ToPanel = wire =>
            {
                if (wire is null || _now == Mishap.ReplyLost)
                    return [];
                byte[][] heard = _now switch
                {
                    Mishap.ReplyDamaged => [Damaged(wire)],
                    Mishap.ReplyTwice => [wire, wire],
                    Mishap.OldReplyFirst => [.. _old.TakeLast(2), wire],
                    _ => [wire],
                };
                _old.Add(wire);
                return heard;
            };
            foreach (var mishap in script)
            {
                _now = mishap;
                Begin(mishap);
                Table.Exchange();
            }
        }

        public void Settle()
        {
            _now = Mishap.None;
            Table.Device.BusyReplies = 0;
            Table.RunFor(TimeSpan.FromSeconds(25));
        }

        public bool ReadsACardNow()
        {
            var before = Table.Cards.Count();
            Begin(Mishap.Card);
            Table.RunFor(TimeSpan.FromSeconds(1));
            return Table.Cards.Count() == before + 1;
        }

        private void Begin(Mishap mishap)
        {
            switch (mishap)
            {
                case Mishap.Card:
                    Table.Device.PresentCard(new WiegandCard(34, ++_card).Encode());
                    break;
                case Mishap.Order:
                    var order = new OsdpOrder(OsdpCommand.Buzzer(0, TimeSpan.Zero, TimeSpan.Zero, ++_order));
                    _orders.Add(order);
                    Table.Session.Enqueue(order);
                    break;
                case Mishap.Reset:
                    Table.Device.Reset();
                    break;
                case Mishap.Busy:
                    Table.Device.BusyReplies = 2;
                    break;
            }
        }

        private static byte[] Damaged(byte[] wire) => [.. wire[..6], (byte)~wire[6], .. wire[7..]];
    }
}

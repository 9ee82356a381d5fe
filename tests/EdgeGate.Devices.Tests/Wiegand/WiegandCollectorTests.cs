using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Wiegand;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Wiegand;

public class WiegandCollectorTests
{
    private sealed record Pulse(bool IsOne, TimeSpan At, int Code)
    {
        public bool IsAfterLoss { get; init; }
    }

    [Fact]
    public void Codes_are_what_was_sent_in_whatever_order_the_two_wires_pulses_come_and_however_late() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var sent = Codes(random);
        var collector = new WiegandCollector();

        Feed(collector, Interleaved(sent, random));

        return collector.End().Select(Text).SequenceEqual(sent.GroupBy(pulse => pulse.Code).Select(Text));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_code_taken_for_ended_too_early_never_gives_two() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var sent = Codes(random);
        var collector = new WiegandCollector();
        var ends = sent.Skip(1).Where(_ => random.Next(20) == 0).ToHashSet();
        var codes = new List<WiegandCode>();
        foreach (var pulse in sent)
        {
            if (ends.Contains(pulse))
                codes.AddRange(collector.End());
            collector.Take(pulse.IsOne, pulse.At);
        }
        codes.AddRange(collector.End());

        // What is given without a fault is how codes began, in their order, each once.
        var whole = codes.Where(code => code.Fault is null).Select(Text).ToArray();
        return whole.Length == sent[^1].Code + 1
            && sent.GroupBy(pulse => pulse.Code).Select(Text).Zip(whole).All(pair => pair.First.StartsWith(pair.Second, StringComparison.Ordinal))
            && codes.All(code => code.Fault is null or FrameFault.Timeout);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_code_that_lost_pulses_is_thrown_away_and_one_far_from_the_loss_is_not() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var sent = Codes(random);
        var wire = sent.Where(pulse => pulse.IsOne).ToArray();
        if (wire.Length < 2)
            return true;
        var from = random.Next(wire.Length - 1);
        var to = random.Next(from + 1, wire.Length); // the next of the wire, which says that some are missing
        var left = sent.Except(wire[from..to]).Select(pulse => pulse == wire[to] ? pulse with { IsAfterLoss = true } : pulse).ToArray();
        var collector = new WiegandCollector();

        Feed(collector, Interleaved(left, random));

        var damaged = Enumerable.Range(from > 0 ? wire[from - 1].Code : 0, wire[to].Code - (from > 0 ? wire[from - 1].Code : 0) + 1).ToHashSet();
        return collector.End().Where(code => code.Fault is null).Select(Text)
            .SequenceEqual(sent.GroupBy(pulse => pulse.Code).Where(code => !damaged.Contains(code.Key)).Select(Text));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_wire_that_pulses_for_ever_costs_nothing_and_is_no_card()
    {
        var collector = new WiegandCollector();
        for (var i = 0; i < 100_000; i++)
            collector.Take(isOne: i % 3 == 0, TimeSpan.FromMilliseconds(i));
        Assert.Equal(FrameFault.TooLong, Assert.Single(collector.End()).Fault);
        Assert.True(collector.IsEmpty);
    }

    [Fact]
    public void More_bits_than_any_format_has_are_no_code()
    {
        var collector = new WiegandCollector();
        for (var i = 0; i < 65; i++)
            collector.Take(isOne: true, TimeSpan.FromMilliseconds(i));
        Assert.Equal(FrameFault.TooLong, Assert.Single(collector.End()).Fault);
    }

    /// <summary>One to five codes of 1 to 40 bits, at whatever pace readers have.</summary>
    private static Pulse[] Codes(Random random)
    {
        var (at, pulses) = (TimeSpan.FromSeconds(random.Next(1000)), new List<Pulse>());
        var codes = random.Next(1, 6);
        for (var code = 0; code < codes; code++)
        {
            at += WiegandCollector.Gap + TimeSpan.FromMicroseconds(random.Next(100_000));
            for (var bits = random.Next(1, 41); bits > 0; bits--)
                pulses.Add(new Pulse(random.Next(2) == 1, at += TimeSpan.FromMicroseconds(random.Next(200, 20_000)), code));
        }
        return [.. pulses];
    }

    /// <summary>Each wire's pulses in order, the two wires' anyhow.</summary>
    private static IEnumerable<Pulse> Interleaved(Pulse[] sent, Random random)
    {
        var wires = sent.GroupBy(pulse => pulse.IsOne).Select(wire => new Queue<Pulse>(wire)).ToList();
        while (wires.Count > 0)
        {
            var wire = wires[random.Next(wires.Count)];
            yield return wire.Dequeue();
            if (wire.Count == 0)
                wires.Remove(wire);
        }
    }

    private static void Feed(WiegandCollector collector, IEnumerable<Pulse> pulses)
    {
        foreach (var pulse in pulses)
            collector.Take(pulse.IsOne, pulse.At, pulse.IsAfterLoss);
    }

    private static string Text(IEnumerable<Pulse> code) => string.Concat(code.Select(pulse => pulse.IsOne ? '1' : '0'));

    private static string Text(WiegandCode code) => code.Fault is null ? string.Concat(Enumerable.Range(0, code.Bits.Count).Select(i => code.Bits[i] ? '1' : '0')) : $"{code.Fault}";
}

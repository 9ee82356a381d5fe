using EdgeGate.Service.Uplink;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Uplink;

public class OutboxCursorTests
{
    [Fact]
    public void It_starts_after_what_has_arrived()
    {
        var cursor = new OutboxCursor(41);
        Assert.Equal((41, 42), (cursor.AcknowledgedUpTo, cursor.Next));
    }

    [Fact]
    public void An_answer_that_overtakes_waits_for_the_one_before()
    {
        var cursor = Sent(3);
        cursor.Arrived(3);
        cursor.Arrived(2);
        Assert.Equal(0, cursor.AcknowledgedUpTo);
        cursor.Arrived(1);
        Assert.Equal((3, 0), (cursor.AcknowledgedUpTo, cursor.Remembered));
    }

    [Fact]
    public void What_goes_again_takes_along_what_follows_but_not_what_has_arrived()
    {
        var cursor = Sent(4);
        cursor.Arrived(3);
        cursor.SendAgain(2);
        Assert.Equal(2, cursor.Next);
        cursor.Sent();
        Assert.Equal(4, cursor.Next);
    }

    [Fact]
    public void Numbers_without_a_record_hold_nothing_up()
    {
        var cursor = new OutboxCursor(0);
        cursor.PassOver(1000);
        Assert.Equal((1000, 1001), (cursor.AcknowledgedUpTo, cursor.Next));
        cursor.Sent(); // 1001
        cursor.PassOver(2000);
        cursor.Sent(); // 2001
        cursor.Arrived(2001);
        Assert.Equal(1000, cursor.AcknowledgedUpTo);
        cursor.Arrived(1001);
        Assert.Equal((2001, 0), (cursor.AcknowledgedUpTo, cursor.Remembered));
    }

    [Fact]
    public void One_record_that_never_arrives_holds_the_others_up_at_last_and_can_itself_go_again()
    {
        var cursor = new OutboxCursor(0);
        while (cursor.MaySendNext)
        {
            var sequence = cursor.Next;
            cursor.Sent();
            if (sequence > 1)
                cursor.Arrived(sequence);
        }
        Assert.Equal(OutboxCursor.Reach - 1, cursor.Remembered);

        cursor.SendAgain(1);
        Assert.True(cursor.MaySendNext);
        cursor.Sent();
        cursor.Arrived(1);
        Assert.Equal((OutboxCursor.Reach, 0), (cursor.AcknowledgedUpTo, cursor.Remembered));
    }

    private enum Move { Send, Arrive, HandBack, ArriveAgain }

    /// <summary>
    /// Against a plain model, for any journal with holes and any order of sending, arriving and handing back: nothing is passed
    /// that did not arrive, nothing before the next to send is forgotten, and little is remembered.
    /// </summary>
    [Fact]
    public void Whatever_happens_nothing_is_skipped_and_no_gap_is_passed()
    {
        var journal = Gen.Choose(1, 3).ListOf(60).Select(steps => steps.Aggregate(new List<long> { 0 }, Follow).Skip(1).ToArray());
        var moves = Gen.Choose(0, 3).Zip(Gen.Choose(0, 1000)).Select(pair => (Move: (Move)pair.Item1, Which: pair.Item2)).ListOf();
        Prop.ForAll(journal.ToArbitrary(), moves.ToArbitrary(), (records, script) => Run(records, script)).QuickCheckThrowOnFailure();

        static List<long> Follow(List<long> numbers, int step)
        {
            numbers.Add(numbers[^1] + Math.Max(1, step - 1)); // a third of the steps leave a hole
            return numbers;
        }
    }

    private static bool Run(long[] records, IEnumerable<(Move Move, int Which)> script)
    {
        const int window = 5;
        var cursor = new OutboxCursor(0);
        var (underWay, arrived) = (new List<long>(), new HashSet<long>());
        foreach (var (move, which) in script)
        {
            switch (move)
            {
                case Move.Send when underWay.Count < window && records.FirstOrDefault(record => record >= cursor.Next) is > 0 and var record:
                    cursor.PassOver(record - 1);
                    if (cursor.Next != record)
                        break; // had arrived already
                    underWay.Add(record);
                    cursor.Sent();
                    break;
                case Move.Arrive when underWay.Count > 0:
                    var answered = Take(underWay, which);
                    arrived.Add(answered);
                    cursor.Arrived(answered);
                    break;
                case Move.HandBack when underWay.Count > 0:
                    cursor.SendAgain(Take(underWay, which));
                    break;
                case Move.ArriveAgain when arrived.Count > 0:
                    cursor.Arrived(arrived.ElementAt(which % arrived.Count));
                    break;
            }
            var nothingPassed = records.Where(record => record <= cursor.AcknowledgedUpTo).All(arrived.Contains);
            var nothingForgotten = records.Where(record => record < cursor.Next).All(record => arrived.Contains(record) || underWay.Contains(record));
            var first = records.FirstOrDefault(record => !arrived.Contains(record));
            var moves = first == 0 || cursor.AcknowledgedUpTo < first;
            var little = cursor.Remembered <= 2 * arrived.Count(record => record > cursor.AcknowledgedUpTo) + window + 1;
            if (!nothingPassed || !nothingForgotten || !moves || !little || cursor.Next <= cursor.AcknowledgedUpTo)
                return false;
        }
        return true;

        static long Take(List<long> from, int which)
        {
            var taken = from[which % from.Count];
            from.RemoveAt(which % from.Count);
            return taken;
        }
    }

    private static OutboxCursor Sent(int count)
    {
        var cursor = new OutboxCursor(0);
        for (var i = 0; i < count; i++)
            cursor.Sent();
        return cursor;
    }
}

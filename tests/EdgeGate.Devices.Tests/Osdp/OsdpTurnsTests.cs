using EdgeGate.Devices.Osdp;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>Several readers on one line, on the test's clock: who is asked when.</summary>
public class OsdpTurnsTests
{
    private static readonly TimeSpan Answer = TimeSpan.FromMilliseconds(25), Silence = TimeSpan.FromMilliseconds(275);

    private readonly ManualTime _time = new();

    [Fact]
    public void Readers_that_answer_take_turns_evenly()
    {
        var polls = Run(TimeSpan.FromMinutes(1), dead: 0, alive: 4);
        Assert.All(polls, times => Assert.InRange(times.Count, polls[0].Count - 2, polls[0].Count + 2));
    }

    [Theory, InlineData(1), InlineData(7)]
    public void A_dead_reader_never_slows_the_others(int dead)
    {
        var alone = Assert.Single(Run(TimeSpan.FromMinutes(5), dead: 0, alive: 1)).Count;
        var times = Assert.Single(Run(TimeSpan.FromMinutes(5), dead, alive: 1));
        // Once they are offline each costs one silence in ten seconds.
        Assert.InRange(times.Count, alone * (0.94 - 0.03 * dead), alone);
        // And from the first second on no two silences come in a row.
        var longest = times.Zip(times.Skip(1)).Max(pair => pair.Second - pair.First);
        Assert.InRange(longest, TimeSpan.Zero, Silence + Answer + TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_line_with_nobody_on_it_waits()
    {
        var turns = new OsdpTurns([]);
        Assert.Null(turns.Next());
        Assert.True(turns.DueIn > TimeSpan.Zero);
    }

    [Fact]
    public void Everybody_is_tried_though_nobody_answers()
    {
        var sessions = NewSessions(3);
        var turns = new OsdpTurns(sessions);
        var tried = new HashSet<OsdpSession>();
        for (var i = 0; i < 6; i++)
        {
            if (turns.Next() is not { } session)
            {
                _time.Advance(turns.DueIn);
                continue;
            }
            tried.Add(session);
            session.Next();
            _time.Advance(Silence);
            session.HearNothing();
        }
        Assert.Equal(3, tried.Count);
    }

    /// <summary>When each living reader was polled.</summary>
    private List<List<TimeSpan>> Run(TimeSpan duration, int dead, int alive)
    {
        var sessions = NewSessions(dead + alive);
        var devices = sessions.Select(session => new SimulatedOsdpPeripheral(session.Address, _time) { Silent = session.Address < dead }).ToArray();
        var polls = sessions.Select(_ => new List<TimeSpan>()).ToList();
        var turns = new OsdpTurns(sessions);
        for (var began = _time.GetTimestamp(); _time.GetElapsedTime(began) < duration;)
        {
            if (turns.Next() is not { } session)
            {
                _time.Advance(turns.DueIn);
                continue;
            }
            var command = session.Next();
            var answer = devices[session.Address].Answer(command);
            _time.Advance(answer is null ? Silence : Answer);
            if (answer is null)
                session.HearNothing();
            else
                session.Hear(OsdpTable.Parse(answer)!);
            if (answer is not null)
                polls[session.Address].Add(_time.GetElapsedTime(began));
        }
        return polls[dead..];
    }

    private List<OsdpSession> NewSessions(int count)
    {
        var sessions = Enumerable.Range(0, count).Select(address => new OsdpSession(new OsdpPeripheralOptions { Address = (byte)address }, _time)).ToList();
        sessions.ForEach(session => session.Connect());
        return sessions;
    }
}

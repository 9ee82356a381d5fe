using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Tests.Uplink;

public class RetainedOutboxTests
{
    private readonly RetainedOutbox _outbox = new();

    private List<string> Drain(int room = int.MaxValue)
    {
        var sent = new List<string>();
        _outbox.Drain((topic, payload) =>
        {
            if (sent.Count >= room)
                return false;
            sent.Add($"{topic}={payload[0]}");
            return true;
        });
        return sent;
    }

    [Fact]
    public void Only_the_latest_of_a_topic_goes_out_and_only_once()
    {
        _outbox.Set("door", [1]);
        _outbox.Set("door", [2]);
        Assert.Equal(["door=2"], Drain());
        Assert.Empty(Drain());
    }

    [Fact]
    public void What_was_not_taken_stays_and_the_latest_goes_next_time()
    {
        _outbox.Set("door", [1]);
        Assert.Empty(Drain(room: 0));
        _outbox.Set("door", [2]);
        Assert.Equal(["door=2"], Drain());
    }

    [Fact]
    public void After_a_login_everything_goes_again()
    {
        _outbox.Set("a", [1]);
        _outbox.Set("b", [1]);
        Drain();
        _outbox.SendAllAgain(login: 1);
        Assert.Equal(["a=1", "b=1"], Drain().Order());
    }

    [Fact]
    public void What_says_of_which_login_it_is_goes_at_each_and_not_before_the_first()
    {
        _outbox.SetAtLogin("state", login => [(byte)login]);
        Assert.Empty(Drain());
        _outbox.SendAllAgain(login: 3);
        Assert.Equal(["state=3"], Drain());
        Assert.Empty(Drain());
        _outbox.SendAllAgain(login: 5);
        Assert.Equal(["state=5"], Drain());
    }

    [Fact]
    public void It_is_as_large_as_there_are_topics()
    {
        for (var i = 0; i < 10_000; i++)
            _outbox.Set($"device-{i % 3}", [(byte)i]);
        Assert.Equal(3, Drain().Count);
    }

    [Fact]
    public void What_changes_while_it_is_sent_goes_again()
    {
        _outbox.Set("door", [1]);
        _outbox.Drain((_, _) =>
        {
            _outbox.Set("door", [2]);
            return true;
        });
        Assert.Equal(["door=2"], Drain());
    }

    [Fact]
    public void Whoever_waits_is_told()
    {
        var told = 0;
        _outbox.Changed += () => told++;
        _outbox.Set("door", [1]);
        Assert.Equal(1, told);
    }
}

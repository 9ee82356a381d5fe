using EdgeGate.Access;
using EdgeGate.Service.Readers.Osdp;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Readers;

public class KeyedCodeTests
{
    private readonly ManualTime _time = new();
    private readonly KeyedCode _keys;

    public KeyedCodeTests() => _keys = new KeyedCode(_time);

    [Fact]
    public void Digits_that_come_one_by_one_or_together_are_a_code_when_the_hash_comes()
    {
        Assert.Null(_keys.Take("4"));
        Assert.Null(_keys.Take("711"));
        Assert.Equal(new Credential.Code("PIN-4711"), _keys.Take("#"));
        Assert.Equal(new Credential.Code("PIN-0815"), _keys.Take("0815#"));
    }

    [Fact]
    public void The_star_begins_anew() => Assert.Equal(new Credential.Code("PIN-4711"), _keys.Take("999*4711#"));

    [Fact]
    public void What_was_typed_before_a_pause_is_somebody_elses()
    {
        _keys.Take("99");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(new Credential.Code("PIN-4711"), _keys.Take("4711#"));
    }

    [Theory, InlineData("123#"), InlineData("1234567890123#"), InlineData("12345678901234567890#")]
    public void A_code_that_is_too_short_or_too_long_is_unreadable(string keys) =>
        Assert.Equal(new Credential.Unreadable("pin-length-wrong"), _keys.Take(keys));

    [Fact]
    public void A_hash_alone_is_nothing() => Assert.Null(_keys.Take("#*#"));

    [Fact]
    public void Whoever_tries_one_code_after_the_other_is_slowed_down()
    {
        var taken = Enumerable.Range(1000, 600).Count(code =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _keys.Take($"{code}#") is Credential.Code;
        });
        Assert.InRange(taken, 60, 66); // ten minutes
        Assert.Equal(new Credential.Unreadable("pins-too-fast"), _keys.Take("4711#"));
    }
}

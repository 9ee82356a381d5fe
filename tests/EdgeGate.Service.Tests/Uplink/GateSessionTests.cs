using EdgeGate.Service.Uplink;
using EdgeGate.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Service.Tests.Uplink;

public sealed class GateSessionTests : IDisposable
{
    private static readonly DateTimeOffset Morning = new(2022, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Each_login_has_a_higher_number_than_all_before_it_also_over_starts_and_with_the_clock_put_back()
    {
        var last = 0L;
        foreach (var at in new[] { Morning, Morning, Morning.AddYears(-52), Morning.AddSeconds(-1), Morning.AddDays(1) })
        {
            var session = Begin(at);
            foreach (var login in new[] { 1L, 2L, 500_000L })
            {
                Assert.True(session.Of(login) > last);
                last = session.Of(login);
            }
        }
    }

    [Theory, InlineData(null), InlineData(""), InlineData("no number"), InlineData("9223372036854775807")]
    public void With_a_file_that_was_lost_or_says_nothing_the_clock_lets_them_grow(string? left)
    {
        var before = Begin(Morning).Of(7);
        File.Delete(_data["uplink-start"]);
        if (left is not null)
            _data.Write("uplink-start", left);

        Assert.InRange(Begin(Morning.AddSeconds(1)).Of(1), before + 1, 1L << 53); // readers whose numbers are doubles read it too
    }

    [Fact]
    public void A_disk_that_takes_no_file_leaves_the_clock()
    {
        Directory.CreateDirectory(_data["uplink-start"]);

        Assert.True(Begin(Morning.AddSeconds(1)).Of(1) > Begin(Morning).Of(1));
    }

    private GateSession Begin(DateTimeOffset at) => GateSession.Begin(_data["uplink-start"], new ManualTime(at), NullLogger<GateSession>.Instance);
}

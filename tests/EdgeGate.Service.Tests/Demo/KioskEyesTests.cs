using EdgeGate.Service.Demo;

namespace EdgeGate.Service.Tests.Demo;

public class KioskEyesTests
{
    [Fact]
    public async Task A_face_that_stood_there_for_a_moment_only_was_seen_by_who_looked()
    {
        await using var eyes = new KioskEyes(new Uri("http://127.0.0.1/"), TimeProvider.System);
        eyes.Saw("idle");
        var answer = eyes.SeeAsync(face => face is "granted", Patience.Limit, CancellationToken.None);
        eyes.Saw("granted");
        eyes.Saw("idle");

        Assert.Equal("granted", await answer.InTime());
    }
}

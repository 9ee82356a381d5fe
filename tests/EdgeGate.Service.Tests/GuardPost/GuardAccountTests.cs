using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.GuardPost;

public sealed class GuardAccountTests
{
    [Fact]
    public void A_secret_fits_its_own_hash_only_and_no_two_hashes_are_alike()
    {
        var hash = SecretHash.Of("482915");

        Assert.True(SecretHash.Fits("482915", hash));
        Assert.False(SecretHash.Fits("482916", hash));
        Assert.NotEqual(hash, SecretHash.Of("482915"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pbkdf2-sha512$1$!!$!!")]
    [InlineData("pbkdf2-sha512$0$AA==$AA==")]
    [InlineData("plain$482915")]
    public void A_hash_that_is_none_fits_nothing(string hash) => Assert.False(SecretHash.Fits("482915", hash));

    [Theory]
    [InlineData("482915", GuardRole.Guard, true)]
    [InlineData("482915", GuardRole.Supervisor, false)] // too short for who may approve
    [InlineData("48291", GuardRole.Guard, false)]
    [InlineData("111111", GuardRole.Guard, false)]
    [InlineData("123456", GuardRole.Guard, false)]
    [InlineData("987654", GuardRole.Guard, false)]
    [InlineData("rain on the roof", GuardRole.Installer, true)]
    [InlineData("rain", GuardRole.Guard, false)]
    public void Secrets_that_anybody_would_guess_are_not_taken(string secret, GuardRole role, bool taken) =>
        Assert.Equal(taken, GuardSecret.Fault(secret, role) is null);

    [Fact]
    public void A_name_is_tried_five_times_and_then_waits_twice_as_long_each_time()
    {
        var time = new ManualTime();
        var lockOut = new LockOut(freeTries: 5, most: 10, time);
        var waits = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            Assert.True(lockOut.TryBegin("li"));
            waits.Add(lockOut.WaitOf("li").TotalSeconds);
            time.Advance(lockOut.WaitOf("li"));
        }

        Assert.Equal([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900], waits);
    }

    [Fact]
    public void Waiting_names_are_not_forgotten_for_new_ones()
    {
        var lockOut = new LockOut(freeTries: 1, most: 2, new ManualTime());
        Assert.True(lockOut.TryBegin("one"));
        Assert.True(lockOut.TryBegin("two"));

        Assert.False(lockOut.TryBegin("three"));
        Assert.False(lockOut.TryBegin("one"));
    }

    [Fact]
    public void The_certificate_is_made_once_and_anew_when_it_is_over()
    {
        using var directory = new TemporaryDirectory();
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var made = GateCertificate.LoadOrMake(directory["gate.pem"], ["gate.estate.example"], now);
        using var kept = GateCertificate.LoadOrMake(directory["gate.pem"], [], now.AddDays(300));
        using var later = GateCertificate.LoadOrMake(directory["gate.pem"], [], now.AddDays(900));

        Assert.Equal(GateCertificate.Fingerprint(made), GateCertificate.Fingerprint(kept));
        Assert.NotEqual(GateCertificate.Fingerprint(made), GateCertificate.Fingerprint(later));
        Assert.True(made.MatchesHostname("gate.estate.example"));
        Assert.True(made.MatchesHostname("127.0.0.1"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory["gate.pem"]));
    }
}

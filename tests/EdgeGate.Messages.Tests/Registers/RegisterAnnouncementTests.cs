using System.Security.Cryptography;
using System.Text;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Messages.Tests.Registers;

public sealed class RegisterAnnouncementTests : IDisposable
{
    private static readonly string Hash = new('a', 64);
    private static readonly RegisterAnnouncement Three = new("estate", "residents", [new(7, 900, Hash), new(8, 10, Hash, 7), new(9, 10, Hash, 8)]);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CommandKeyRing _ring = new();

    public RegisterAnnouncementTests() => _ring.Add(new CommandKey("center", _key.ExportSubjectPublicKeyInfoPem()));

    public void Dispose()
    {
        _ring.Dispose();
        _key.Dispose();
    }

    [Theory]
    [InlineData(null, new long[] { 7, 8, 9 })]
    [InlineData(3L, new long[] { 7, 8, 9 })]
    [InlineData(7L, new long[] { 8, 9 })]
    [InlineData(8L, new long[] { 9 })]
    [InlineData(9L, new long[0])]
    [InlineData(10L, new long[0])]
    public void A_gate_takes_the_changes_where_they_join_on_and_else_the_whole_list_first(long? version, long[] taken) =>
        Assert.Equal(taken, Three.After(version).Select(file => file.Version));

    [Fact]
    public void It_arrives_as_it_was_signed()
    {
        var read = _ring.ReadRegister(Encoding.ASCII.GetBytes(Three.Sign("center", _key)), out var key, out var fault);

        Assert.Equal(("", "center"), (fault, key?.Id));
        Assert.Equal((Three.Site, Three.Name), (read!.Site, read.Name));
        Assert.Equal(Three.Files, read.Files);
    }

    [Fact]
    public void A_command_is_no_register_and_a_register_no_command()
    {
        var command = new IdentifyCommand { Gate = "estate/north-1", Id = "command-0001", IssuedAt = DateTimeOffset.UnixEpoch, Expires = DateTimeOffset.UnixEpoch };

        Assert.Null(_ring.ReadRegister(Encoding.ASCII.GetBytes(CommandToken.Sign(command, "center", _key)), out _, out var fault));
        Assert.Contains("typ edgegate-register", fault, StringComparison.Ordinal);
        Assert.IsType<CommandReading.Unusable>(_ring.Read(Encoding.ASCII.GetBytes(Three.Sign("center", _key))));
    }

    [Fact]
    public void A_strangers_is_not_believed()
    {
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Null(_ring.ReadRegister(Encoding.ASCII.GetBytes(Three.Sign("center", thief)), out var key, out _));
        Assert.Null(key);
    }

    public static TheoryData<RegisterAnnouncement> Senseless =>
    [
        Three with { Files = [] },
        Three with { Name = "No List" },
        Three with { Files = [.. Three.Files.Skip(1)] },
        Three with { Files = [Three.Files[0], Three.Files[2]] },
        Three with { Files = [Three.Files[0] with { Length = 0 }] },
        Three with { Files = [Three.Files[0] with { Length = RegisterFile.MostLength + 1 }] },
        Three with { Files = [Three.Files[0] with { Sha256 = "abc" }] },
    ];

    [Theory, MemberData(nameof(Senseless))]
    public void What_makes_no_sense_is_not_signed(RegisterAnnouncement senseless) =>
        Assert.Throws<InvalidOperationException>(() => senseless.Sign("center", _key));

    [Fact]
    public void A_large_file_goes_in_parts_that_fit_any_broker()
    {
        Assert.Equal(1, new RegisterFile(1, RegisterFile.PartLength, Hash).Parts);
        Assert.Equal(2, new RegisterFile(1, RegisterFile.PartLength + 1, Hash).Parts);
        Assert.Equal("edgegate/v1/estate/registers/residents/8/changes/0", new SiteTopics("estate").RegisterPart("residents", Three.Files[1], 0));
    }
}

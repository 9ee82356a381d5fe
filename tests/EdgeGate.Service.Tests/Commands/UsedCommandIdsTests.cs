using EdgeGate.Messages.Commands;
using EdgeGate.Service.Commands;

namespace EdgeGate.Service.Tests.Commands;

public sealed class UsedCommandIdsTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2022, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();
    private readonly ListLogger<UsedCommandIds> _log = new();
    private readonly string _file;

    public UsedCommandIdsTests() => _file = _directory["deep", "used-commands"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Ids_are_read_back_from_disk()
    {
        var used = Open();
        used.Use(Command(1), Noon);
        used.Use(Command(2), Noon);

        var again = Open();

        Assert.True(again.MayBeUsed(Command(1), Noon) && again.MayBeUsed(Command(2), Noon));
        Assert.False(again.MayBeUsed(Command(3), Noon));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file));
    }

    [Fact]
    public void What_has_expired_for_good_makes_room_and_leaves_a_border_behind_that_outlives_a_restart()
    {
        var used = Open();
        for (var i = 0; i < UsedCommandIds.Most; i++)
            used.Use(Command(i), Noon);
        Assert.False(used.HasRoom(Noon));

        var later = Noon.AddMinutes(5);
        Assert.True(used.HasRoom(later));
        used.Use(Command(1000, later), later);

        var again = Open();
        Assert.True(again.MayBeUsed(Command(0), Noon)); // forgotten, and the clock set back
        Assert.True(again.MayBeUsed(Command(1000, later), later));
        Assert.False(again.MayBeUsed(Command(1001, later), later));
        Assert.InRange(new FileInfo(_file).Length, 1, 1000);
    }

    [Theory, InlineData(0), InlineData(20), InlineData(70), InlineData(90)]
    public void A_damaged_file_makes_every_command_of_before_count_as_used_and_heals_in_minutes(int at)
    {
        Open().Use(Command(1), Noon);
        var bytes = File.ReadAllBytes(_file);
        bytes[at] ^= 1;
        File.WriteAllBytes(_file, bytes);

        var damaged = Open();

        Assert.Contains("damaged", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.True(damaged.MayBeUsed(Command(1), Noon) && damaged.MayBeUsed(Command(2), Noon));
        var later = Noon.AddMinutes(7);
        Assert.False(damaged.MayBeUsed(Command(3, later), later));
        damaged.Use(Command(3, later), later);
        Assert.True(Open().MayBeUsed(Command(1), Noon)); // also after another restart
    }

    [Theory, InlineData(""), InlineData("x"), InlineData("\n\n\n")]
    public void A_file_that_was_cut_off_is_damaged(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.WriteAllText(_file, content);

        Assert.True(Open().MayBeUsed(Command(1), Noon));
    }

    private UsedCommandIds Open() => new(_file, _log);

    private static IdentifyCommand Command(int number, DateTimeOffset? at = null) =>
        new() { Gate = "estate/gate-1", Id = $"command-{number:0000}", IssuedAt = at ?? Noon, Expires = (at ?? Noon).AddMinutes(1) };
}

using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Passing;

namespace EdgeGate.Service.Tests.Registers;

/// <summary>From gate.json and the files of the registers to what the lane does.</summary>
public sealed class RegisterLaneTests : IDisposable
{
    private const string RegisterAndQuarantine = "{ \"register\": {}, \"quarantine\": {} }";

    private readonly TemporaryDirectory _data = new();
    private readonly ListLogger<RegisterService> _log = new();

    public void Dispose() => _data.Dispose();

    private RegisterStore Store => new(_data["registers"]);

    private RegisterService ServiceFor(LaneUnderTest lane) =>
        new(Store, lane.Registers, _data["recorded"], lane.Keeper, lane.Clock, lane.Time, _log);

    [Fact]
    public async Task A_person_under_home_quarantine_who_leaves_is_denied_with_an_alarm_in_the_record_and_words_on_the_kiosk()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(RegisterAndQuarantine, direction: "exit"));
        Store.Write("residents", TestLists.Entry(lane.Persons, People.Number), TestLists.Entry(lane.Persons, People.OtherNumber));
        Store.Write("quarantine", TestLists.Entry(lane.Persons, People.Number, terms: ";2022-02-25T00:00..2022-03-11T00:00;;;"));
        using var registers = ServiceFor(lane);
        await registers.StartAsync(CancellationToken.None);
        await lane.RecordsAsync(atLeast: 2);

        await lane.PresentAsync(People.Card());
        var view = await lane.SeeAsync(KioskFace.Denied);

        Assert.Equal(DenyReason.UnderQuarantine, Assert.Single(view.Reasons));
        Assert.Equal("请居家休养", KioskWords.For(view).Title.Zh);
        Assert.Empty(lane.Portal.Asked);
        Assert.Equal("under-quarantine", lane.Records()[^1].GetProperty("alarm").GetString());
        var decided = lane.Records()[^1].GetProperty("data");
        Assert.Equal("under-quarantine", decided.GetProperty("reasons")[0].GetString());
        Assert.Equal("alarm-quarantine-exit", decided.GetProperty("flags")[0].GetString());
        Assert.Equal(
            ["residents 1 0", "quarantine 1 0"],
            decided.GetProperty("lists").EnumerateArray().Select(list => $"{list.GetProperty("name")} {list.GetProperty("version")} {list.GetProperty("ageSeconds")}"));

        await lane.PresentAsync(People.Card(People.OtherNumber));
        await lane.SeeAsync(KioskFace.Granted);
        Assert.Single(lane.Portal.Asked);
        await registers.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("测**", "测**")]
    [InlineData("", null)]
    public async Task A_decision_about_a_code_bears_the_masked_name_that_its_list_has(string listed, string? recorded)
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings("{ \"register\": {} }"));
        Assert.True(PersonKey.TryParse(lane.Persons.KeyOf(People.Pass), out var key));
        lane.Registers.Put(TestLists.Of("residents", TestLists.Entry(lane.Persons, People.Number) with { Person = key, MaskedName = listed }));

        await lane.PresentAsync(People.Pass);
        var decided = (await lane.RecordsAsync(atLeast: 1))[0].GetProperty("data");

        Assert.Equal(key.ToString(), decided.GetProperty("person").GetString());
        Assert.Equal(recorded, decided.TryGetProperty("maskedName", out var name) ? name.GetString() : null);
    }

    [Fact]
    public async Task What_the_command_line_changes_is_in_force_and_on_record_within_two_seconds()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings("{ \"register\": { \"unknown\": \"deny\" } }"));
        Store.Write("residents", TestLists.Entry(lane.Persons, People.OtherNumber));
        using var registers = ServiceFor(lane);
        await registers.StartAsync(CancellationToken.None);
        await lane.RecordsAsync(atLeast: 1);
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Denied);

        Store.Write("residents", TestLists.Entry(lane.Persons, People.Number), TestLists.Entry(lane.Persons, People.OtherNumber));
        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        var records = await lane.RecordsAsync(atLeast: 3);
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);

        var changed = records[2];
        Assert.Equal(RegisterChangedRecord.Type, changed.GetProperty("type").GetString());
        Assert.Equal((2, 2, "test"), (changed.GetProperty("data").GetProperty("version").GetInt32(), changed.GetProperty("data").GetProperty("persons").GetInt32(), changed.GetProperty("data").GetProperty("by").GetString()));
        await registers.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_list_whose_file_is_damaged_under_the_gate_is_missing_and_two_seconds_later_made_anew()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings("{ \"register\": { \"unknown\": \"deny\" } }"));
        Store.Write("residents", TestLists.Entry(lane.Persons, People.Number));
        using var registers = ServiceFor(lane);
        await registers.StartAsync(CancellationToken.None);
        await lane.RecordsAsync(atLeast: 1);
        using (var table = new FileStream(_data["registers", "residents", "000000000001.table"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            table.Position = 40;
            table.WriteByte((byte)'?');
        }

        await lane.PresentAsync(People.Card());
        Assert.Equal([DenyReason.ListMissing], (await lane.SeeAsync(KioskFace.SeeGuard)).Reasons.Distinct());
        Assert.Equal("its file is damaged, and is made anew", lane.Registers.Faults["residents"]);

        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        await Patience.Until(() => lane.Registers.Find("residents") is not null);
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);
        Assert.Empty(lane.Registers.Faults);
        await registers.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task While_a_list_is_missing_a_person_must_look_and_the_record_says_why()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(RegisterAndQuarantine, direction: "exit"));

        await lane.PresentAsync(People.Card());
        var view = await lane.SeeAsync(KioskFace.SeeGuard);

        Assert.Equal([DenyReason.ListMissing], view.Reasons.Distinct());
        Assert.False(lane.Records()[0].GetProperty("data").GetProperty("lists")[0].TryGetProperty("version", out _));
    }
}

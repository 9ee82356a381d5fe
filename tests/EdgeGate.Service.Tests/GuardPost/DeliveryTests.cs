using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Records;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Deliveries;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Passing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>The hand-over area: arrived, disinfected, standing, ready, collected.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private GuardPostHost _host = null!;
    private GuardBrowser _li = null!;
    private LaneUnderTest Lane => _host.Lane;

    public async Task InitializeAsync()
    {
        _host = await GuardPostHost.StartAsync();
        _li = await _host.SignedInAsync();
    }

    public async Task DisposeAsync()
    {
        _li.Dispose();
        await _host.DisposeAsync();
    }

    private async Task<string> PostAsync(string what, object form)
    {
        using var answer = await _li.PostAsync(what, form);
        return answer.IsSuccessStatusCode ? "done" : (await GuardBrowser.JsonOf(answer)).GetProperty("error").GetString()!;
    }

    private async Task<Guid> ArrivedAsync(string unit = "3-1-502", string building = "3", string? phone = null)
    {
        var form = Guid.NewGuid();
        Assert.Equal("done", await PostAsync("delivery", new { form, building, unit, phone }));
        return form;
    }

    private Task<string> StepAsync(Guid delivery, string state, Guid? form = null, int? minutesAgo = null) =>
        PostAsync("delivery-step", new { form = form ?? Guid.NewGuid(), delivery, state, enteredAt = PhoneClock.SaysMinutesAgo(minutesAgo), sentAt = PhoneClock.SaysMinutesAgo(0) });

    private async Task<JsonElement> DeliveryAsync(Guid id)
    {
        using var answer = await _li.GetAsync("deliveries");
        return (await GuardBrowser.JsonOf(answer)).GetProperty("deliveries").EnumerateArray().Single(delivery => delivery.GetProperty("id").GetGuid() == id);
    }

    [Fact]
    public async Task A_delivery_stands_its_time_before_it_may_be_collected_and_each_step_is_a_record()
    {
        var id = await ArrivedAsync();
        Assert.Equal("bad-form", await StepAsync(id, "collected")); // not disinfected yet
        Assert.Equal("done", await StepAsync(id, "disinfected"));
        Lane.Time.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal("not-ready", await StepAsync(id, "collected"));
        Assert.Equal(60, (await DeliveryAsync(id)).GetProperty("standsFor").GetInt32());
        Lane.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("done", await StepAsync(id, "collected"));

        Assert.Equal(["arrived", "disinfected", "collected"], _host.Records(DeliveryRecord.Type).Select(record => record.GetProperty("state").GetString()));
        Assert.Equal(DateTimeOffset.Parse("2022-03-01T08:30:00Z"), _host.Records(DeliveryRecord.Type)[1].GetProperty("readyAt").GetDateTimeOffset());
        Assert.All(_host.Records(DeliveryRecord.Type), record => Assert.Equal((id, "3"), (record.GetProperty("delivery").GetGuid(), record.GetProperty("building").GetString())));
    }

    [Fact]
    public async Task Each_has_a_slot_of_its_building_until_it_is_gone()
    {
        var (one, two) = (await ArrivedAsync(), await ArrivedAsync("3-2-101"));
        Assert.Equal((1, 2), ((await DeliveryAsync(one)).GetProperty("slot").GetInt32(), (await DeliveryAsync(two)).GetProperty("slot").GetInt32()));
        Assert.Equal("no-slot", await PostAsync("delivery", new { form = Guid.NewGuid(), building = "3", unit = "3-1-101" }));
        Assert.Equal(1, (await DeliveryAsync(await ArrivedAsync("5-1-101", "5"))).GetProperty("slot").GetInt32());

        Assert.Equal("done", await StepAsync(one, "withdrawn"));
        Assert.Equal(1, (await DeliveryAsync(await ArrivedAsync("3-1-101"))).GetProperty("slot").GetInt32());
    }

    [Fact]
    public async Task Nothing_in_the_open_tells_the_household_and_the_couriers_phone_is_masked()
    {
        var id = await ArrivedAsync(phone: "138 1234-5678");

        Assert.Equal("138****5678", (await DeliveryAsync(id)).GetProperty("phone").GetString());
        var record = Lane.Records().Single(record => record.GetProperty("type").GetString() == DeliveryRecord.Type);
        Assert.DoesNotContain("502", record.GetProperty("data").GetProperty("slot").ToString() + record.GetProperty("data").GetProperty("building"), StringComparison.Ordinal);
        Assert.False(record.GetProperty("data").TryGetProperty("unit", out _));
        Assert.Equal(("3-1-502", "13812345678"), (Lane.Opened(record).GetProperty("unit").GetString(), Lane.Opened(record).GetProperty("phone").GetString()));
        Assert.DoesNotContain("13812345678", await File.ReadAllTextAsync(Lane.PathOf("deliveries.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_household_announced_has_a_slot_only_when_it_comes()
    {
        var id = Guid.NewGuid();
        await PostAsync("delivery", new { form = id, building = "3", unit = "3-1-502", announced = true });
        Assert.False((await DeliveryAsync(id)).TryGetProperty("slot", out _));

        Assert.Equal("done", await StepAsync(id, "arrived"));
        Assert.Equal(1, (await DeliveryAsync(id)).GetProperty("slot").GetInt32());
    }

    [Fact]
    public async Task What_a_household_announced_at_the_center_is_expected_in_its_time_and_goes_the_way_of_every_delivery()
    {
        Announce((7, "3-1-502", "parcel", "2022-03-01T07:00..2022-03-01T10:00"), (8, "9-1-101", "meal", "2022-03-01T07:00..2022-03-01T10:00"), (9, "3-1-503", "meal", "2022-03-01T07:00..2022-03-01T07:30"));

        var expected = Assert.Single(await AllAsync()); // of the others one is for a shelf elsewhere, one is over
        Assert.Equal(
            ("3", "3-1-502", "announced", "parcel", "测***", "03-01 07:00–10:00"),
            (Text(expected, "building"), Text(expected, "unit"), Text(expected, "state"), Text(expected, "what"), Text(expected, "name"), Text(expected, "at")));
        var id = expected.GetProperty("id").GetGuid();
        Assert.Equal("done", await StepAsync(id, "arrived"));
        Announce(); // called off, or over: what has come is here all the same
        Assert.Equal(1, (await DeliveryAsync(id)).GetProperty("slot").GetInt32());
        Assert.Equal("done", await StepAsync(id, "disinfected"));

        var records = Lane.Records().Where(record => record.GetProperty("type").GetString() == DeliveryRecord.Type).ToArray();
        Assert.Equal(["arrived", "disinfected"], records.Select(record => Text(record.GetProperty("data"), "state")));
        Assert.Equal("3-1-502", Text(Lane.Opened(records[0]), "unit"));
        Assert.All(records, record => Assert.DoesNotContain("502", record.GetProperty("data").GetProperty("delivery").GetString() + record.GetProperty("data").GetProperty("building"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_household_called_off_or_whose_time_is_over_is_expected_no_more()
    {
        Announce((7, "3-1-502", "parcel", "2022-03-01T07:00..2022-03-01T10:00"), (8, "3-1-503", "parcel", "2022-03-01T07:00..2022-03-01T08:10"));
        var all = await AllAsync();
        Assert.Equal(2, all.Length);

        Lane.Registers.Put(new Register(PassRegister.Revoked, 1, Lane.Time.GetUtcNow(), PersonTable.Of([Entry(7, "3-1-502", "parcel", "")])));
        Assert.Equal("3-1-503", Text(Assert.Single(await AllAsync()), "unit"));
        Assert.Equal("unknown-delivery", await StepAsync(all.Single(one => Text(one, "unit") == "3-1-502").GetProperty("id").GetGuid(), "arrived"));
        Lane.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(await AllAsync());
    }

    [Fact]
    public async Task What_came_at_another_gate_is_expected_here_no_more_and_was_expected_when_a_phone_tells_late()
    {
        Announce((7, "3-1-502", "parcel", "2022-03-01T07:00..2022-03-01T10:00"), (8, "3-1-503", "meal", "2022-03-01T07:00..2022-03-01T10:00"));
        var came = (await AllAsync()).Single(one => Text(one, "unit") == "3-1-502").GetProperty("id").GetGuid();

        Announce((7, "3-1-502", "parcel,noted", "2022-03-01T07:00..2022-03-01T10:00"), (8, "3-1-503", "meal", "2022-03-01T07:00..2022-03-01T10:00"));

        Assert.Equal("3-1-503", Text(Assert.Single(await AllAsync()), "unit"));
        Assert.Equal("unknown-delivery", await StepAsync(came, "arrived"));
        Assert.Equal("done", await StepAsync(came, "arrived", minutesAgo: 15));
        Assert.Equal("parcel", Text(await DeliveryAsync(came), "what"));
    }

    [Fact]
    public async Task What_came_while_the_phone_had_no_network_is_taken_though_its_time_is_over_or_its_household_called_it_off_since()
    {
        Announce((7, "3-1-502", "parcel", "2022-03-01T07:00..2022-03-01T10:00"), (8, "3-1-503", "parcel", "2022-03-01T07:00..2022-03-01T08:10"), (9, "9-1-101", "parcel", "2022-03-01T07:00..2022-03-01T08:10"));
        var ids = (await AllAsync()).Select(one => one.GetProperty("id").GetGuid()).ToArray();
        Lane.Registers.Put(new Register(PassRegister.Revoked, 1, Lane.Time.GetUtcNow(), PersonTable.Of([Entry(7, "3-1-502", "parcel", "")])));
        Lane.Time.Advance(TimeSpan.FromMinutes(20));
        Assert.Empty(await AllAsync());

        foreach (var id in ids)
        {
            Assert.Equal("done", await StepAsync(id, "arrived", minutesAgo: 15));
            Assert.Equal("03-01 08:05", Text(await DeliveryAsync(id), "at"));
            Assert.Equal("done", await StepAsync(id, "disinfected", minutesAgo: 10));
            Assert.Equal(20 * 60, (await DeliveryAsync(id)).GetProperty("standsFor").GetInt32());
        }
        Assert.Equal("unknown-delivery", await StepAsync(Announcements.IdOf(Lane.Persons, PassOf(9)), "arrived", minutesAgo: 15)); // its shelf is at another gate
        Assert.Equal("unknown-delivery", await StepAsync(Guid.NewGuid(), "arrived", minutesAgo: 15));
    }

    [Fact]
    public async Task However_much_is_announced_for_shelves_at_other_gates_what_comes_here_is_expected()
    {
        Announce([.. Enumerable.Range(10, AnnouncedAtHome.Most).Select(pass => (pass, "9-1-101", "meal", "2022-03-01T07:00..2022-03-01T10:00")), (7, "3-1-502", "parcel", "2022-03-01T07:30..2022-03-01T10:00")]);

        Assert.Equal("3-1-502", Text(Assert.Single(await AllAsync()), "unit"));
    }

    [Fact]
    public async Task What_a_guard_crossed_off_does_not_come_back_while_it_is_still_announced()
    {
        Announce((7, "3-1-502", "parcel", "2022-03-01T07:00..2022-03-09T10:00"));
        Assert.Equal("done", await StepAsync((await AllAsync())[0].GetProperty("id").GetGuid(), "withdrawn"));

        Lane.Time.Advance(TimeSpan.FromDays(5));
        _li.Dispose();
        _li = await _host.SignedInAsync();
        await ArrivedAsync(); // the list is tidied with each change
        Assert.Equal(["arrived", "withdrawn"], (await AllAsync()).Select(one => Text(one, "state")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Whom_a_household_announced_at_the_center_stands_among_the_expected_visitors_until_a_guard_crosses_it_off()
    {
        Lane.Registers.Put(Visitors(many: 1, Entry(6, "3-1-502", "parcel", "")));

        var visitor = Assert.Single(await VisitorsAsync());
        Assert.Equal(("测**", "3-1-502", "expected", "03-01 07:00–03-02 07:00"), (Text(visitor, "name"), Text(visitor, "unit"), Text(visitor, "state"), Text(visitor, "at")));
        Assert.Equal("done", await PostAsync("visitor-left", new { visitor = visitor.GetProperty("id").GetGuid() }));
        Assert.Equal("left", Text(Assert.Single(await VisitorsAsync()), "state"));
    }

    [Fact]
    public async Task However_many_households_announce_guards_see_the_visitors_they_entered_themselves()
    {
        Lane.Registers.Put(Visitors(AnnouncedAtHome.Most));
        Assert.Equal("done", await PostAsync("expect", new { form = Guid.NewGuid(), name = "测试二", unit = "3-1-999", purpose = "visit" }));

        Assert.Contains(await VisitorsAsync(), visitor => Text(visitor, "unit") == "3-1-999");
    }

    /// <summary>The list of passes as the center sends it.</summary>
    private void Announce(params (int Pass, string Unit, string What, string Period)[] deliveries) => Lane.Registers.Put(new Register(
        PassRegister.Issued, 1, Lane.Time.GetUtcNow(), PersonTable.Of(deliveries.Select(delivery => Entry(delivery.Pass, delivery.Unit, delivery.What, delivery.Period)))));

    private static RegisterEntry Entry(int pass, string unit, string what, string period) => new(
        PassOf(pass), "测***", unit, new PersonTerms("delivery", ValidPeriod.TryParse(period, out var valid) ? valid : default, tags: [.. what.Split(',').Select(word => new PersonTag(word, ValidPeriod.Always))]));

    private static PersonKey PassOf(int number) => new([.. BitConverter.GetBytes(number), .. new byte[PersonKey.Length - sizeof(int)]]);

    private static Register Visitors(int many, params RegisterEntry[] others) => new(PassRegister.Issued, 1, DateTimeOffset.UnixEpoch, PersonTable.Of([.. Enumerable.Range(1000, many).Select(pass => new RegisterEntry(
        PassOf(pass), "测**", "3-1-502", new PersonTerms("visitor", new ValidPeriod(new(2022, 3, 1, 7, 0, 0), new(2022, 3, 2, 7, 0, 0))))), .. others]));

    private async Task<JsonElement[]> VisitorsAsync()
    {
        using var answer = await _li.GetAsync("visitors");
        return [.. (await GuardBrowser.JsonOf(answer)).GetProperty("visitors").EnumerateArray()];
    }

    private static string? Text(JsonElement of, string member) => of.GetProperty(member).GetString();

    private async Task<JsonElement[]> AllAsync()
    {
        using var answer = await _li.GetAsync("deliveries");
        return [.. (await GuardBrowser.JsonOf(answer)).GetProperty("deliveries").EnumerateArray()];
    }

    [Fact]
    public async Task A_step_that_was_done_by_another_guard_or_is_sent_again_is_done_once()
    {
        var id = await ArrivedAsync();
        var form = Guid.NewGuid();
        Assert.Equal("done", await StepAsync(id, "disinfected", form));
        Assert.Equal("done", await StepAsync(id, "disinfected", form));
        Lane.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("done", await StepAsync(id, "disinfected")); // another guard's phone: the standing time does not begin again

        Assert.Equal(1200, (await DeliveryAsync(id)).GetProperty("standsFor").GetInt32());
        Assert.Equal(2, _host.Records(DeliveryRecord.Type).Count);
    }

    [Fact]
    public async Task The_standing_time_goes_on_over_a_restart_and_is_never_shortened_by_it()
    {
        var id = await ArrivedAsync();
        await StepAsync(id, "disinfected");
        Lane.Time.Advance(TimeSpan.FromMinutes(12));

        using var again = ActivatorUtilities.CreateInstance<DeliveryDesk>(_host.Services, GuardPostHost.HandOver, Lane.PathOf("deliveries.json"));

        Assert.Equal(TimeSpan.FromMinutes(18), again.StandsFor(Assert.Single(again.All)));
    }

    [Fact]
    public async Task What_a_phone_tells_late_has_happened()
    {
        var id = await ArrivedAsync();
        await StepAsync(id, "disinfected");

        Assert.Equal("done", await StepAsync(id, "collected", minutesAgo: 5));
    }

    [Fact]
    public async Task What_a_phone_tells_late_stands_from_when_the_guard_entered_it_however_far_the_phones_clock_is_off()
    {
        var id = await ArrivedAsync();
        Lane.Time.Advance(TimeSpan.FromMinutes(25));
        await StepAsync(id, "disinfected", minutesAgo: 20);

        Assert.Equal(600, (await DeliveryAsync(id)).GetProperty("standsFor").GetInt32());
        var record = _host.Records(DeliveryRecord.Type)[^1];
        Assert.Equal(Lane.Clock.Read().Wall.AddMinutes(10), record.GetProperty("readyAt").GetDateTimeOffset());
        Assert.Equal(PhoneClock.SaysMinutesAgo(20), record.GetProperty("enteredAt").GetDateTimeOffset());
        Lane.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("done", await StepAsync(id, "collected"));
    }

    [Fact]
    public async Task Nothing_that_a_phone_tells_was_done_before_the_step_that_it_follows()
    {
        var id = await ArrivedAsync();
        Lane.Time.Advance(TimeSpan.FromMinutes(2));
        await StepAsync(id, "disinfected", minutesAgo: 50);

        Assert.Equal(28 * 60, (await DeliveryAsync(id)).GetProperty("standsFor").GetInt32());
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(3 * 24 * 60)]
    public async Task An_age_that_cannot_be_shortens_nothing(int minutesAgo)
    {
        var id = await ArrivedAsync();
        Lane.Time.Advance(TimeSpan.FromMinutes(10));
        await StepAsync(id, "disinfected", minutesAgo: minutesAgo);

        Assert.Equal(1800, (await DeliveryAsync(id)).GetProperty("standsFor").GetInt32());
    }

    [Theory]
    [InlineData("""{ "form": "11111111-2222-3333-4444-555555555555", "building": "9", "unit": "9-1" }""")]
    [InlineData("""{ "form": "11111111-2222-3333-4444-555555555555", "building": "3", "unit": "" }""")]
    [InlineData("""{ "form": "11111111-2222-3333-4444-555555555555", "building": "3", "unit": "3-1", "phone": "12" }""")]
    [InlineData("""{ "form": "11111111-2222-3333-4444-555555555555", "building": "3", "unit": "3-1", "phone": "call me" }""")]
    [InlineData("""{ "building": "3", "unit": "3-1" }""")]
    public async Task A_form_that_cannot_be_is_refused_and_nothing_is_on_record(string form)
    {
        Assert.Equal("bad-form", await PostAsync("delivery", JsonDocument.Parse(form).RootElement));
        Assert.Empty(_host.Records(DeliveryRecord.Type));
    }

    [Theory, InlineData("deliveries.json"), InlineData("guard-forms")]
    public async Task What_could_not_be_kept_is_taken_when_it_is_sent_again(string file)
    {
        var form = new { form = Guid.NewGuid(), building = "3", unit = "3-1-502" };
        Directory.CreateDirectory(Lane.PathOf(file)); // no file can take this name
        Assert.Equal("not-kept", await PostAsync("delivery", form));

        Directory.Delete(Lane.PathOf(file));
        Assert.Equal("done", await PostAsync("delivery", form));
        Assert.Equal("done", await PostAsync("delivery", form));

        Assert.Equal(1, (await DeliveryAsync(form.form)).GetProperty("slot").GetInt32());
    }

    [Fact]
    public async Task A_form_that_is_in_the_list_and_was_not_kept_as_taken_is_done_after_a_restart_too()
    {
        var id = await ArrivedAsync();
        using var forms = new SentForms(Lane.PathOf("forms-of-nothing"));
        using var again = ActivatorUtilities.CreateInstance<DeliveryDesk>(_host.Services, GuardPostHost.HandOver, Lane.PathOf("deliveries.json"), forms);

        Assert.IsType<DeskAnswer.Done>(await again.EnterAsync(new GuardSession(_host.Book.All(out _)[0], "token", Lane.Time), new EnteredDelivery(id, "3", "3-1-502", null, IsHere: true), id, late: null));
        Assert.Single(_host.Records(DeliveryRecord.Type));
    }
}

using System.Text.Json;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Deliveries;
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
}

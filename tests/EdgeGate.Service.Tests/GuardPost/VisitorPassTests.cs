using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Registers;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>A pass for a visitor, made by this gate's own key when the visitor was checked in.</summary>
public sealed class VisitorPassTests : IAsyncLifetime
{
    private GuardPostHost _host = null!;
    private GuardBrowser _li = null!;
    private LaneUnderTest Lane => _host.Lane;

    public async Task InitializeAsync()
    {
        _host = await GuardPostHost.StartAsync();
        _li = await _host.SignedInAsync();
        await _li.PostAsync("register", new { lane = "lane-1", form = Guid.NewGuid(), number = People.Number, name = "测试一", unit = "3-1-502", purpose = "visit", companions = 0 });
        await Lane.SeeAsync(KioskFace.Granted);
        await _host.SeesVisitorAsync(VisitorState.Inside);
    }

    public async Task DisposeAsync()
    {
        _li.Dispose();
        await _host.DisposeAsync();
    }

    private async Task<Guid> VisitorAsync()
    {
        using var answer = await _li.GetAsync("visitors");
        return (await GuardBrowser.JsonOf(answer)).GetProperty("visitors")[0].GetProperty("id").GetGuid();
    }

    private async Task<(HttpStatusCode Code, JsonElement Answer)> PassAsync(Guid? form = null)
    {
        using var answer = await _li.PostAsync("pass", new { form = form ?? Guid.NewGuid(), visitor = await VisitorAsync() });
        return (answer.StatusCode, await GuardBrowser.JsonOf(answer));
    }

    private void MakeKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Lane.PathOf("visitor-passes.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    [Fact]
    public async Task A_pass_is_listed_and_on_record_before_it_is_printed_and_its_code_is_a_square()
    {
        MakeKey();
        var (code, pass) = await PassAsync();

        Assert.Equal(HttpStatusCode.OK, code);
        var rows = pass.GetProperty("rows").EnumerateArray().Select(row => row.GetString()!).ToArray();
        Assert.All(rows, row => Assert.Equal(rows.Length, row.Length));
        Assert.Equal(("测**", "3-1-502", "03-01 20:00"), (pass.GetProperty("name").GetString(), pass.GetProperty("unit").GetString(), pass.GetProperty("until").GetString()));
        var key = IssuedPasses.KeyOf(Lane.Persons, pass.GetProperty("id").GetString()!);
        Assert.NotNull(new RegisterStore(Lane.PathOf("registers")).Load(PassRegister.Issued).Register?.Persons.Find(key));
        var record = _host.Records(GuardActionRecord.Type)[^1];
        Assert.Equal(("pass-issued", key.ToString()), (record.GetProperty("action").GetString(), record.GetProperty("pass").GetString()));
    }

    [Fact]
    public async Task Without_a_key_there_is_no_pass_and_nothing_is_on_record_of_one()
    {
        var (code, answer) = await PassAsync();

        Assert.Equal((HttpStatusCode.Conflict, "no-pass"), (code, answer.GetProperty("error").GetString()));
        Assert.DoesNotContain(_host.Records(GuardActionRecord.Type), record => record.GetProperty("action").GetString() == "pass-issued");
    }

    [Fact]
    public async Task A_button_touched_twice_makes_one_pass_and_shows_it_twice_and_another_form_makes_another()
    {
        MakeKey();
        var form = Guid.NewGuid();
        var both = await Task.WhenAll(PassAsync(form), PassAsync(form));
        Assert.All(both, pass => Assert.Equal(HttpStatusCode.OK, pass.Code));
        Assert.Equal(WordsOf(both[0].Answer), WordsOf(both[1].Answer));
        Assert.Single(PassesOnRecord());

        var another = await PassAsync();

        Assert.NotEqual(both[0].Answer.GetProperty("id").GetString(), another.Answer.GetProperty("id").GetString());
        Assert.Equal(2, PassesOnRecord().Count());
    }

    [Fact]
    public async Task The_same_form_after_a_restart_is_the_same_pass_and_no_file_says_what_its_code_says()
    {
        MakeKey();
        var (form, visitor) = (Guid.NewGuid(), await VisitorAsync());
        var shown = (await PassAsync(form)).Answer;
        Lane.Time.Advance(TimeSpan.FromMinutes(5));

        using var again = NewDesk();
        var made = Assert.IsType<PassAnswer.Made>(await again.IssueAsync(Session, visitor, form));

        Assert.Equal((shown.GetProperty("id").GetString(), shown.GetProperty("until").GetString()), (made.Pass.Id, made.Pass.ExpiresAt.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture)));
        Assert.Single(PassesOnRecord());
        Assert.DoesNotContain(made.Pass.Id, await File.ReadAllTextAsync(FileOfPasses), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_whose_pass_was_on_record_when_the_power_went_makes_no_second_number()
    {
        MakeKey();
        var (form, visitor) = (Guid.NewGuid(), await VisitorAsync());
        var shown = (await PassAsync(form)).Answer;
        File.Delete(FileOfPasses);

        using var again = NewDesk();
        var made = Assert.IsType<PassAnswer.Made>(await again.IssueAsync(Session, visitor, form));

        Assert.Equal(shown.GetProperty("id").GetString(), made.Pass.Id);
        Assert.Single(new RegisterStore(Lane.PathOf("registers")).Load(PassRegister.Issued).Register!.Persons.Entries);
    }

    [Fact]
    public async Task However_many_passes_are_made_the_last_ones_are_kept()
    {
        MakeKey();
        var visitor = await VisitorAsync();
        var desk = _host.Services.GetRequiredService<PassDesk>();
        for (var pass = 0; pass < PassDesk.MostShownAgain + 5; pass++)
            Assert.IsType<PassAnswer.Made>(await desk.IssueAsync(Session, visitor, Guid.NewGuid()));

        Assert.Equal(PassDesk.MostShownAgain, JsonDocument.Parse(await File.ReadAllTextAsync(FileOfPasses)).RootElement.GetArrayLength());
    }

    private string FileOfPasses => Lane.PathOf("visitor-passes.json");
    private GuardSession Session => new(_host.Book.All(out _).Single(guard => guard.Id == "li"), "token", Lane.Time);

    private PassDesk NewDesk() => ActivatorUtilities.CreateInstance<PassDesk>(
        _host.Services, "gate-1", FileOfPasses, new VisitorPassSettings { KeyFile = Lane.PathOf("visitor-passes.pem") }, new IssuedPasses(new RegisterStore(Lane.PathOf("registers")), Lane.Persons), (IReadOnlyList<string>)[], Lane.Persons);

    private static (string?, string?, string?) WordsOf(JsonElement pass) => (pass.GetProperty("id").GetString(), pass.GetProperty("from").GetString(), pass.GetProperty("until").GetString());

    [Fact]
    public async Task While_the_clock_is_not_set_no_pass_is_made_and_the_guard_is_told_why()
    {
        MakeKey();
        Lane.Time.StepWallClock(new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var (code, answer) = await PassAsync();
        Assert.Equal((HttpStatusCode.Conflict, "clock-not-set"), (code, answer.GetProperty("error").GetString()));
        Assert.Empty(PassesOnRecord());

        Lane.Time.StepWallClock(new DateTimeOffset(2022, 3, 1, 8, 0, 0, TimeSpan.Zero));
        Assert.Equal(HttpStatusCode.OK, (await PassAsync()).Code);
    }

    private IEnumerable<JsonElement> PassesOnRecord() => _host.Records(GuardActionRecord.Type).Where(record => record.GetProperty("action").GetString() == "pass-issued");

    [Fact]
    public async Task Who_has_left_gets_no_pass()
    {
        MakeKey();
        await _li.PostAsync("visitor-left", new { visitor = await VisitorAsync() });

        Assert.Equal(HttpStatusCode.Conflict, (await PassAsync()).Code);
    }

    [Theory, InlineData("quarantine"), InlineData("watched")]
    public async Task Who_is_on_a_quarantine_or_watch_list_gets_no_pass_which_no_list_would_know(string list)
    {
        MakeKey();
        Lane.Registers.Put(TestLists.Of(list, TestLists.Entry(Lane.Persons, People.Number)));

        var (code, answer) = await PassAsync();

        Assert.Equal((HttpStatusCode.Conflict, "watched"), (code, answer.GetProperty("error").GetString()));
        Assert.Empty(PassesOnRecord());
    }

    [Fact]
    public async Task Whom_the_lane_refused_gets_no_pass()
    {
        MakeKey();
        await _li.PostAsync("visitor-left", new { visitor = await VisitorAsync() });
        await Lane.LetPassAsync(TimeSpan.FromSeconds(5));
        Lane.Mode.Set(PortalMode.Closed);
        await _li.PostAsync("vouch", new { lane = "lane-1", person = Lane.Persons.KeyOfIdNumber(People.Number) });
        await Patience.Until(() => _host.Records(DecidedRecord.Type).Count == 2);
        await Lane.LetPassAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(HttpStatusCode.Conflict, (await PassAsync()).Code);
        Assert.Empty(PassesOnRecord());
    }
}

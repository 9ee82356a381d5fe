using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Devices.Scanners;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Tests.Passing;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>People without card or phone: a guard types who they are, and the lane's rules judge them like anybody else.</summary>
public sealed class VisitorTests : IAsyncLifetime
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

    private static Dictionary<string, object?> Somebody(Guid? form = null) => new()
    {
        ["lane"] = "lane-1",
        ["form"] = form ?? Guid.NewGuid(),
        ["number"] = People.Number,
        ["name"] = "测试一",
        ["unit"] = "3-1-502",
        ["purpose"] = "visit",
        ["companions"] = 2,
    };

    private async Task<HttpStatusCode> PostAsync(string what, object form)
    {
        using var answer = await _li.PostAsync(what, form);
        return answer.StatusCode;
    }

    private async Task<JsonElement> VisitorsAsync()
    {
        using var answer = await _li.GetAsync("visitors");
        return (await GuardBrowser.JsonOf(answer)).GetProperty("visitors");
    }

    [Fact]
    public async Task A_registered_visitor_goes_through_the_lanes_rules_and_the_number_is_nowhere_in_the_clear()
    {
        Assert.Equal(HttpStatusCode.OK, await PostAsync("register", Somebody()));
        await Lane.SeeAsync(KioskFace.Granted);
        await Lane.RecordsAsync(atLeast: 4); // sign-in, vouch, decision, passage

        var decided = Assert.Single(_host.Records(DecidedRecord.Type));
        Assert.Equal(("statement", VisitorDesk.Reader, Lane.Persons.KeyOfIdNumber(People.Number), "测**"), (
            decided.GetProperty("credential").GetString(), decided.GetProperty("reader").GetString(), decided.GetProperty("person").GetString(), decided.GetProperty("maskedName").GetString()));
        var vouched = Lane.Records().Single(record => record.GetProperty("type").GetString() == GuardActionRecord.Type);
        Assert.Equal(People.Number, Lane.Opened(vouched).GetProperty("number").GetString());
        foreach (var file in Directory.EnumerateFiles(Lane.PathOf(""), "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var text = new StreamReader(open);
            var content = await text.ReadToEndAsync();
            Assert.DoesNotContain(People.Number, content, StringComparison.Ordinal);
            Assert.DoesNotContain("测试一", content, StringComparison.Ordinal);
        }
        Assert.All(Lane.Log.Lines, line => Assert.DoesNotContain(People.Number, line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("999999190001010016")] // check digit
    [InlineData("999999190013010015")] // no month 13
    [InlineData("99999919000101001")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_number_that_cannot_be_is_refused_and_nothing_is_on_record(string? number)
    {
        var form = Somebody();
        form["number"] = number;

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("register", form));
        Assert.Empty(_host.Records(GuardActionRecord.Type));
    }

    [Fact]
    public async Task A_form_that_is_sent_again_is_taken_once_also_after_a_restart()
    {
        var form = Guid.NewGuid();
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, await PostAsync("register", Somebody(form)));
        await Lane.SeeAsync(KioskFace.Granted);

        Assert.Single(_host.Records(GuardActionRecord.Type));
        Assert.Single(Lane.Portal.Asked);
        Assert.True(new SentForms(Lane.PathOf("guard-forms")).IsTaken(form));
    }

    [Fact]
    public async Task What_a_phone_tells_late_is_on_record_with_its_time_and_opens_nothing()
    {
        var form = Somebody();
        form.Remove("lane");
        form["enteredAt"] = "2022-03-01T07:12:00+00:00";

        Assert.Equal(HttpStatusCode.OK, await PostAsync("register", form));
        await Lane.LetPassAsync(TimeSpan.FromSeconds(1));

        Assert.Equal("2022-03-01T07:12:00+00:00", Assert.Single(_host.Records(GuardActionRecord.Type)).GetProperty("enteredAt").GetString());
        Assert.Empty(_host.Records(DecidedRecord.Type));
        Assert.Empty(Lane.Portal.Asked);
    }

    [Fact]
    public async Task A_phone_whose_clock_is_wrong_does_not_make_the_gate_forget_its_visitors()
    {
        await PostAsync("register", Somebody());
        var late = Somebody();
        late.Remove("lane");
        (late["number"], late["enteredAt"], late["sentAt"]) = (People.OtherNumber, "2050-01-01T00:00:00+00:00", "2050-01-01T00:10:00+00:00");
        await PostAsync("register", late);

        Assert.Equal(2, (await VisitorsAsync()).GetArrayLength());
        Assert.All((await VisitorsAsync()).EnumerateArray(), visitor => Assert.StartsWith("03-01", visitor.GetProperty("at").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_visitor_of_lately_comes_back_with_one_touch_and_is_checked_out()
    {
        await PostAsync("register", Somebody());
        await Lane.SeeAsync(KioskFace.Granted);
        await _host.SeesVisitorAsync(VisitorState.Inside);
        var visitor = Assert.Single((await VisitorsAsync()).EnumerateArray());
        Assert.Equal("inside", visitor.GetProperty("state").GetString());

        Assert.Equal(HttpStatusCode.OK, await PostAsync("visitor-left", new { visitor = visitor.GetProperty("id").GetGuid() }));
        Assert.Equal("left", (await VisitorsAsync())[0].GetProperty("state").GetString());
        await Lane.LetPassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("vouch", new { lane = "lane-1", person = visitor.GetProperty("person").GetString() }));

        await Patience.Until(() => Lane.Portal.Asked.Count == 2);
        await _host.SeesVisitorAsync(VisitorState.Inside);
        Assert.Equal("inside", (await VisitorsAsync())[0].GetProperty("state").GetString());
        Assert.Equal(["vouch", "visitor-left", "vouch"], _host.Records(GuardActionRecord.Type).Select(record => record.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task Residents_are_found_by_unit_or_by_what_lists_have_of_the_name()
    {
        var key = PersonKey.TryParse(Lane.Persons.KeyOfIdNumber(People.Number), out var parsed) ? parsed : default;
        Lane.Registers.Put(new Register("residents", 1, Lane.Time.GetUtcNow(), PersonTable.Of([new(key, "测**", "3-1-502", new PersonTerms("resident"))])));

        foreach (var (find, count) in new[] { ("3-1", 1), ("测", 1), ("测试一", 1), ("4-", 0), ("李", 0) })
        {
            using var answer = await _li.PostAsync("residents", new { find });
            Assert.Equal(count, (await GuardBrowser.JsonOf(answer)).GetProperty("residents").GetArrayLength());
        }
        Assert.Equal(HttpStatusCode.OK, await PostAsync("vouch", new { lane = "lane-1", person = key.ToString() }));
        await Lane.SeeAsync(KioskFace.Granted);
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("vouch", new { lane = "lane-1", person = Lane.Persons.KeyOfIdNumber(People.OtherNumber) }));
    }

    [Fact]
    public async Task A_pass_that_was_called_back_is_nobody_whom_a_guard_finds_or_vouches_for_though_it_is_still_on_the_list_of_passes()
    {
        Assert.True(PersonKey.TryParse(Lane.Persons.KeyOf(People.Pass), out var pass));
        var entries = PersonTable.Of([new(pass, "测**", "3-1-502", new PersonTerms("visitor"))]);
        Lane.Registers.Put(new Register("residents", 1, Lane.Time.GetUtcNow(), entries)); // as where registers.persons names the list of passes
        Lane.Registers.Put(new Register(PassRegister.Revoked, 1, Lane.Time.GetUtcNow(), entries));

        using var answer = await _li.PostAsync("residents", new { find = "3-1" });
        Assert.Equal(0, (await GuardBrowser.JsonOf(answer)).GetProperty("residents").GetArrayLength());
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("vouch", new { lane = "lane-1", person = pass.ToString() }));
        Assert.Empty(Lane.Portal.Asked);
    }

    [Fact]
    public async Task Somebody_announced_is_expected_until_crossed_off()
    {
        Assert.Equal(HttpStatusCode.OK, await PostAsync("expect", new { form = Guid.NewGuid(), name = "测试二", unit = "3-1-502", purpose = "delivery" }));
        var visitor = Assert.Single((await VisitorsAsync()).EnumerateArray());

        Assert.Equal(("expected", "测**"), (visitor.GetProperty("state").GetString(), visitor.GetProperty("name").GetString()));
        Assert.False(visitor.TryGetProperty("person", out _));
    }

    [Fact]
    public async Task A_code_that_a_phone_reads_is_judged_by_the_lanes_rules()
    {
        Assert.Equal(HttpStatusCode.OK, await PostAsync("scan", new { lane = "lane-1", code = "PASS-0001" }));
        await Lane.SeeAsync(KioskFace.Granted);
        await Lane.LetPassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("scan", new { lane = "lane-1", code = "OTHER-1" }));
        await Lane.SeeAsync(KioskFace.Denied);

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("scan", new { lane = "lane-2", code = "PASS-0001" }));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("scan", new { lane = "lane-1", code = new string('x', 9000) }));
    }

    [Fact]
    public void The_book_forgets_who_left_before_who_is_inside()
    {
        using var directory = new TemporaryDirectory();
        var book = new VisitorBook(directory["visitors.json"], new ListLogger<VisitorBook>());
        var now = Lane.Time.GetUtcNow();
        var inside = new Visitor(Guid.NewGuid(), "inside", "测**", "1", "visit", 0, VisitorState.Inside, now);
        book.Put(inside);
        for (var i = 0; i < VisitorBook.Most; i++)
            book.Put(new Visitor(Guid.NewGuid(), $"left-{i}", "测**", "1", "visit", 0, VisitorState.Left, now.AddMinutes(i)));

        Assert.Equal(VisitorBook.Most, book.All.Count);
        Assert.Contains(inside, new VisitorBook(directory["visitors.json"], new ListLogger<VisitorBook>()).All);
    }

    [Fact]
    public async Task The_longest_code_of_the_worst_characters_is_a_record_and_the_lane_goes_on()
    {
        Assert.Equal(HttpStatusCode.BadRequest, await ScanAsync(new string('<', ScannedCode.MaxBytes + 1))); // six bytes each in a record
        Assert.Equal(HttpStatusCode.BadRequest, await ScanAsync(new string('测', (ScannedCode.MaxBytes / 3) + 1)));
        Assert.Equal(HttpStatusCode.OK, await ScanAsync(new string('<', ScannedCode.MaxBytes)));
        await Lane.SeeAsync(KioskFace.Denied);
        Assert.Single(_host.Records(DecidedRecord.Type));

        await Lane.LetPassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.OK, await ScanAsync("PASS-0001"));
        await Lane.SeeAsync(KioskFace.Granted);

        async Task<HttpStatusCode> ScanAsync(string code)
        {
            using var form = new StringContent($$"""{ "lane": "lane-1", "code": "{{code}}" }""", Encoding.UTF8, "application/json"); // as a browser writes it: nothing is escaped
            using var answer = await _li.SendAsync(HttpMethod.Post, "scan", form);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task What_could_not_be_kept_of_somebody_announced_is_taken_when_it_is_sent_again()
    {
        var form = new { form = Guid.NewGuid(), name = "测试二", unit = "3-1-502", purpose = "delivery" };
        Directory.CreateDirectory(Lane.PathOf("visitors.json")); // no file can take this name
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("expect", form));

        Directory.Delete(Lane.PathOf("visitors.json"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("expect", form));

        Assert.Single((await VisitorsAsync()).EnumerateArray());
    }

    [Fact]
    public void Who_is_inside_is_not_forgotten_when_the_gates_clock_is_set()
    {
        using var directory = new TemporaryDirectory();
        var book = new VisitorBook(directory["visitors.json"], new ListLogger<VisitorBook>());
        var never = new DateTimeOffset(1970, 1, 1, 0, 5, 0, TimeSpan.Zero); // no battery keeps the clock
        var inside = new Visitor(Guid.NewGuid(), "inside", "测**", "1", "visit", 0, VisitorState.Inside, never);
        book.Put(inside);
        book.Put(new Visitor(Guid.NewGuid(), "left", "测**", "1", "visit", 0, VisitorState.Left, never));

        book.Put(new Visitor(Guid.NewGuid(), "new", "测**", "1", "visit", 0, VisitorState.Inside, Lane.Time.GetUtcNow()));

        Assert.Equal(["new", "inside"], book.All.Select(visitor => visitor.Person));
    }

    [Theory, InlineData("register"), InlineData("vouch")]
    public async Task Who_is_on_record_stands_at_the_lane_though_the_phone_has_gone(string what)
    {
        await PostAsync("register", Somebody());
        await Lane.SeeAsync(KioskFace.Granted);
        await Lane.LetPassAsync(TimeSpan.FromSeconds(3));
        await Lane.SeeAsync(KioskFace.Idle);
        var before = _host.Records(GuardActionRecord.Type).Count;
        using var phone = new CancellationTokenSource();
        using var portal = new ManualResetEventSlim();
        Lane.Portal.WhenAsked = portal.Wait;
        var somebodyElse = Task.Run(() => Lane.PresentAsync(People.Card(People.OtherNumber)).AsTask(), CancellationToken.None);
        await Patience.Until(() => Lane.Portal.Asked.Count == 2);
        while (Lane.Inputs.Reader.Count < 64)
            Lane.Inputs.TimePassed(); // so that who comes now waits for the lane

        _host.RequestsEndWith(phone.Token);
        var answer = PostAsync(what, what is "register" ? Somebody() : new { lane = "lane-1", person = Lane.Persons.KeyOfIdNumber(People.Number) });
        await Patience.Until(() => _host.Records(GuardActionRecord.Type).Count > before);
        await phone.CancelAsync();
        portal.Set();
        await somebodyElse.InTime();
        await answer;

        await Patience.Until(() => _host.Records(DecidedRecord.Type).Count == 3);
    }

    [Fact]
    public async Task Whom_the_lane_refuses_is_not_inside_and_is_when_the_lane_lets_them_pass()
    {
        Lane.Mode.Set(PortalMode.Closed);
        await PostAsync("register", Somebody());
        await Patience.Until(() => _host.Records(DecidedRecord.Type).Count == 1);
        await Lane.LetPassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(("at-lane", 0), await StateAsync());

        Lane.Mode.Set(PortalMode.Normal);
        Assert.Equal(HttpStatusCode.OK, await PostAsync("vouch", new { lane = "lane-1", person = Lane.Persons.KeyOfIdNumber(People.Number) }));
        await Lane.SeeAsync(KioskFace.Granted); // the clock goes on only then: a grant that is late opens nothing
        await _host.SeesVisitorAsync(VisitorState.Inside);

        Assert.Equal(("inside", 1), await StateAsync());

        async Task<(string?, int)> StateAsync()
        {
            using var shift = await _li.GetAsync("shift");
            return ((await VisitorsAsync())[0].GetProperty("state").GetString(), (await GuardBrowser.JsonOf(shift)).GetProperty("today").GetProperty("visitorsInside").GetInt32());
        }
    }

    [Fact]
    public async Task A_visitor_whom_the_lane_refuses_and_for_whom_a_guard_opens_once_is_inside_and_who_was_not_named_is_not()
    {
        Lane.Mode.Set(PortalMode.Closed);
        await PostAsync("register", Somebody());
        await Patience.Until(() => _host.Records(DecidedRecord.Type).Count == 1);
        Lane.Mode.Set(PortalMode.Normal);
        var visitor = (await VisitorsAsync())[0].GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.OK, await PostAsync("open", new { lane = "lane-1", reason = "delivery" }));
        await Patience.Until(() => _host.Records(PassageRecord.Type).Count == 1);
        await Lane.LetPassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("at-lane", (await VisitorsAsync())[0].GetProperty("state").GetString());

        Assert.Equal(HttpStatusCode.OK, await PostAsync("open", new { lane = "lane-1", reason = "emergency", visitor }));
        await _host.SeesVisitorAsync(VisitorState.Inside);

        var opened = _host.Records(GuardActionRecord.Type)[^1];
        Assert.Equal(("open-once", Lane.Persons.KeyOfIdNumber(People.Number), "测**", "entry"), (
            opened.GetProperty("action").GetString(), opened.GetProperty("person").GetString(), opened.GetProperty("maskedName").GetString(), opened.GetProperty("direction").GetString()));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("open", new { lane = "lane-1", reason = "emergency", visitor = Guid.NewGuid() }));
        Assert.Equal(2, Lane.Portal.Asked.Count);
    }

    [Fact]
    public async Task The_decision_on_a_code_that_a_guard_scanned_or_on_whom_a_guard_vouched_for_names_the_guards_record()
    {
        await PostAsync("scan", new { lane = "lane-1", code = "PASS-0001" });
        await Lane.SeeAsync(KioskFace.Granted);
        await Lane.LetPassAsync(TimeSpan.FromSeconds(3));
        await PostAsync("register", Somebody());
        await Patience.Until(() => _host.Records(DecidedRecord.Type).Count == 2);
        await Lane.LetPassAsync(TimeSpan.FromSeconds(3));
        await Lane.PresentAsync(People.Card(People.OtherNumber));
        await Patience.Until(() => _host.Records(DecidedRecord.Type).Count == 3);

        var actions = Lane.Records().Where(record => record.GetProperty("type").GetString() == GuardActionRecord.Type).Select(record => long.Parse(record.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture)).ToArray();
        var decided = _host.Records(DecidedRecord.Type);
        Assert.Equal(actions, decided.Take(2).Select(record => Assert.Single(record.GetProperty("guardActions").EnumerateArray()).GetInt64()));
        Assert.False(decided[2].TryGetProperty("guardActions", out _)); // read by the lane itself
    }

    [Fact]
    public void Who_was_put_in_last_stays_in_the_book_however_many_never_left()
    {
        using var directory = new TemporaryDirectory();
        var book = new VisitorBook(directory["visitors.json"], new ListLogger<VisitorBook>());
        var now = Lane.Time.GetUtcNow();
        for (var i = 0; i < VisitorBook.Most; i++)
            book.Put(new Visitor(Guid.NewGuid(), $"person-{i}", "测**", "1", "visit", 0, VisitorState.Inside, now, Record: i + 1));

        var last = new Visitor(Guid.NewGuid(), "somebody", "测**", "1", "visit", 0, VisitorState.AtLane, now, Record: 1000);
        book.Put(last);

        Assert.Equal(last, book.Find(last.Id));
        Assert.Equal(VisitorBook.Most, book.All.Count);
    }

    [Fact]
    public void Passages_of_an_earlier_visit_that_a_start_reads_again_change_nothing()
    {
        using var directory = new TemporaryDirectory();
        var book = new VisitorBook(directory["visitors.json"], new ListLogger<VisitorBook>());
        var now = Lane.Time.GetUtcNow();
        var visitor = new Visitor(Guid.NewGuid(), "somebody", "测**", "1", "visit", 0, VisitorState.AtLane, now, Record: 10);
        book.Put(visitor);

        Assert.Equal(VisitorState.AtLane, After(Direction.Entry, 9));
        Assert.Equal(VisitorState.Inside, After(Direction.Entry, 12));
        Assert.Equal(VisitorState.Left, After(Direction.Exit, 20));
        Assert.Equal(VisitorState.Left, After(Direction.Entry, 12));
        book.Put(visitor with { Record = 30 });
        Assert.Equal(VisitorState.AtLane, After(Direction.Exit, 20));
        Assert.Equal(VisitorState.Left, After(Direction.Exit, 31)); // through a way out

        VisitorState After(Direction direction, long record)
        {
            book.Pass("nobody", direction, record, now);
            book.Pass("somebody", direction, record, now);
            return Assert.Single(new VisitorBook(directory["visitors.json"], new ListLogger<VisitorBook>()).All).State;
        }
    }

    [Fact]
    public async Task Which_guard_read_a_code_is_on_record_before_the_decision_on_it()
    {
        await PostAsync("scan", new { lane = "lane-1", code = "PASS-0001" });
        await Lane.SeeAsync(KioskFace.Granted);

        var (scan, decided) = (Assert.Single(_host.Records(GuardActionRecord.Type)), Assert.Single(_host.Records(DecidedRecord.Type)));
        Assert.Equal(("li", "scan", "lane-1"), (scan.GetProperty("guard").GetString(), scan.GetProperty("action").GetString(), scan.GetProperty("lane").GetString()));
        Assert.Equal("phone", decided.GetProperty("reader").GetString());
        Assert.DoesNotContain("PASS-0001", scan.GetRawText(), StringComparison.Ordinal);
        Assert.Equal([GuardActionRecord.Type, DecidedRecord.Type], Lane.Records().Select(record => record.GetProperty("type").GetString()).Where(type => type is GuardActionRecord.Type or DecidedRecord.Type));
    }

    [Fact]
    public async Task A_search_among_residents_is_on_record_and_what_was_searched_for_is_sealed()
    {
        using var answer = await _li.PostAsync("residents", new { find = "3-1-502" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var record = Lane.Records().Single(record => record.GetProperty("type").GetString() == GuardActionRecord.Type);
        Assert.Equal(("li", "look-up"), (record.GetProperty("data").GetProperty("guard").GetString(), record.GetProperty("data").GetProperty("action").GetString()));
        Assert.DoesNotContain("3-1-502", record.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("3-1-502", Lane.Opened(record).GetProperty("note").GetString());
    }
}

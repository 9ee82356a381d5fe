using System.Net;
using System.Text.RegularExpressions;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.People;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Tests.People;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Center.Tests.Web;

/// <summary>Pages of lists, files, passes and households over HTTP.</summary>
[Collection(nameof(CenterDatabase))]
public sealed partial class PeoplePageTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly string Number = PeopleDesk.IdNumber("99999919900101001");
    private readonly PeopleKeys _keys = PeopleKeys.Of(PeopleDesk.Site);
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private CenterSite _site = null!;

    public async Task InitializeAsync()
    {
        var database = await server.NewAsync();
        await new Partitions(database, _time).MakeAheadAsync(CancellationToken.None);
        _site = await CenterSite.StartAsync(database, _time, _keys.Settings);
    }

    public async Task DisposeAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
        _keys.Dispose();
    }

    [SkippableFact]
    public async Task An_officer_opens_a_file_by_number_measures_and_releases_and_the_number_is_nowhere()
    {
        using var officer = await _site.SignedInAsync(Role.Officer);
        using var opened = await officer.PostAsync("/files", new() { ["site"] = PeopleDesk.Site, ["number"] = Number, ["name"] = "测试一", ["unit"] = "3-1-502", ["kind"] = "Quarantine", ["until"] = "2026-12-06T10:00" });
        var path = opened.Headers.Location!.ToString().Split('?')[0];

        using var wrong = await officer.PostAsync($"{path}/measure", new() { ["celsius"] = "99" });
        using var measured = await officer.PostAsync($"{path}/measure", new() { ["celsius"] = "38,4", ["words"] = "<b>coughs</b>" });
        var page = await officer.ReadAsync(path);
        using var released = await officer.PostAsync($"{path}/release", new() { ["words"] = "healthy" });

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.SeeOther, HttpStatusCode.SeeOther), (wrong.StatusCode, measured.StatusCode, released.StatusCode));
        Assert.Contains("38.4 °C", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;coughs", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Number, page + await officer.ReadAsync("/files"), StringComparison.Ordinal);
        await using var connection = await _site.Database.OpenConnectionAsync();
        foreach (var table in await connection.Sql("select table_name from information_schema.tables where table_schema = 'public'").ListAsync(row => row.GetString(0), CancellationToken.None))
            Assert.Equal(0, await connection.Sql($"select count(*) from \"{table}\" t where t::text like '%{Number}%' or t::text like '%测试一%'").ScalarAsync<long>(CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_manager_enters_measures_and_sees_neither_names_nor_files()
    {
        using var officer = await _site.SignedInAsync(Role.Officer);
        using var opened = await officer.PostAsync("/files", new() { ["site"] = PeopleDesk.Site, ["number"] = Number, ["name"] = "测试一", ["unit"] = "3-1-502", ["kind"] = "Fever", ["until"] = "2026-12-06T10:00" });
        using var manager = await _site.SignedInAsync(Role.Manager);

        var page = await manager.ReadAsync("/measures");
        using var measured = await manager.PostAsync("/measures", new() { ["file"] = "1", ["celsius"] = "36.5" });
        using var refused = await manager.GetAsync("/files/1");

        Assert.Contains("测**", page, StringComparison.Ordinal);
        Assert.DoesNotContain("测试一", page, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.Forbidden), (measured.StatusCode, refused.StatusCode));
    }

    [SkippableFact]
    public async Task A_person_is_added_by_the_form_with_the_checks_of_an_import_and_details_are_read_with_a_purpose()
    {
        using var officer = await _site.SignedInAsync(Role.Officer);
        Dictionary<string, string> entry = new() { ["id"] = "123", ["name"] = "测试一", ["phone"] = "13800009999", ["unit"] = "3-1-502", ["status"] = "resident", ["purpose"] = "moved in" };

        using var wrong = await officer.PostAsync("/registers/estate/residents/entry", entry);
        using var right = await officer.PostAsync("/registers/estate/residents/entry", new(entry) { ["id"] = Number });
        var person = PersonKey.TryParse(_site.Services.GetRequiredService<SiteKeys>().Of(PeopleDesk.Site).KeyOfIdNumber(Number), out var key) ? key : default;
        using var noPurpose = await officer.PostAsync("/registers/estate/residents/details", new() { ["person"] = person.ToString(), ["purpose"] = "" });
        using var details = await officer.PostAsync("/registers/estate/residents/details", new() { ["person"] = person.ToString(), ["purpose"] = "call about a parcel" });

        Assert.Contains("line 2: the ID number must have 18 characters", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (right.StatusCode, noPurpose.StatusCode));
        Assert.Contains("13800009999", await details.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var list = await officer.ReadAsync("/registers/estate/residents");
        Assert.Contains("测**", list, StringComparison.Ordinal);
        Assert.DoesNotContain("13800009999", list, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Zones_are_saved_and_hours_stay()
    {
        using var manager = await _site.SignedInAsync(Role.Manager);
        var book = _site.Services.GetRequiredService<RegisterBook>();
        await book.ChangePlanAsync(PeopleDesk.Site, new SitePlan { Schedules = [new Schedule("night", [])] }, PeopleDesk.Officer, CancellationToken.None);

        using var saved = await manager.PostAsync("/registers/estate/plan/zones", new() { ["zone"] = "east", ["risk"] = "High", ["units"] = "3- 4-", ["version"] = "1", ["purpose"] = "a case in building 3" });

        var plan = (await book.LoadAsync(PeopleDesk.Site, RegisterBook.Plan, CancellationToken.None))!.Plan!;
        Assert.Equal(("east", RiskLevel.High, "3- 4-", "night"), (plan.Zones[0].Name, plan.Zones[0].Risk, string.Join(' ', plan.Zones[0].Units), plan.Schedules[0].Name));
    }

    [SkippableFact]
    public async Task A_plan_of_three_hundred_zones_is_saved()
    {
        using var manager = await _site.SignedInAsync(Role.Manager);
        var fields = Enumerable.Range(0, 300).SelectMany(zone => (KeyValuePair<string, string>[])[new("zone", $"zone-{zone}"), new("risk", "High"), new("units", $"{zone}-")])
            .Concat([new("version", "0"), new("purpose", "a case in every building"), new("token", manager.FormToken!)]);

        using var saved = await manager.PostAsync("/registers/estate/plan/zones", change: request => request.Content = new FormUrlEncodedContent(fields));

        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        Assert.Equal(300, (await _site.Services.GetRequiredService<RegisterBook>().LoadAsync(PeopleDesk.Site, RegisterBook.Plan, CancellationToken.None))!.Plan!.Zones.Count);
    }

    [SkippableFact]
    public async Task Of_two_who_save_zones_at_once_the_later_is_shown_the_newer_state_keeps_what_was_typed_and_undoes_nothing()
    {
        using var first = await _site.SignedInAsync(Role.Manager);
        using var second = await _site.SignedInAsync(Role.Officer);
        static Dictionary<string, string> Zones(string name, string version) => new() { ["zone"] = name, ["risk"] = "High", ["units"] = "3- 4-", ["version"] = version, ["purpose"] = $"a case in {name}" };

        using var saved = await first.PostAsync("/registers/estate/plan/zones", Zones("east", "0"));
        using var stale = await second.PostAsync("/registers/estate/plan/zones", Zones("west", "0"));
        using var unversioned = await second.PostAsync("/registers/estate/plan/zones", Zones("west", ""));
        var page = await stale.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.Conflict, HttpStatusCode.Conflict), (saved.StatusCode, stale.StatusCode, unversioned.StatusCode));
        Assert.Contains("没有保存：您打开本页后，别人已保存第 1 版", page, StringComparison.Ordinal);
        Assert.Contains("""<th scope="row">east</th>""", page, StringComparison.Ordinal);
        Assert.Contains("""name="zone" value="west" """, page, StringComparison.Ordinal);
        Assert.Contains("""value="a case in west" """, page, StringComparison.Ordinal);
        Assert.Contains("""name="version" value="1">""", page, StringComparison.Ordinal);
        Assert.Equal(["east"], await ZonesAsync());

        using var meant = await second.PostAsync("/registers/estate/plan/zones", Zones("west", "1")); // having seen it
        Assert.Equal(["west"], await ZonesAsync());
        var both = await Task.WhenAll(first.PostAsync("/registers/estate/plan/zones", Zones("north", "2")), second.PostAsync("/registers/estate/plan/zones", Zones("south", "2")));
        Assert.Equal([HttpStatusCode.SeeOther, HttpStatusCode.Conflict], both.Select(answer => answer.StatusCode).Order());

        async Task<IEnumerable<string>> ZonesAsync() =>
            (await _site.Services.GetRequiredService<RegisterBook>().LoadAsync(PeopleDesk.Site, RegisterBook.Plan, CancellationToken.None))!.Plan!.Zones.Select(zone => zone.Name);
    }

    [SkippableFact]
    public async Task A_file_that_is_to_be_the_whole_list_does_not_undo_what_was_changed_since_the_page_was_opened()
    {
        using var manager = await _site.SignedInAsync(Role.Manager);
        using var officer = await _site.SignedInAsync(Role.Officer);
        Assert.Contains("""name="version" value="0">""", await manager.ReadAsync("/registers/estate/residents"), StringComparison.Ordinal);
        using var added = await officer.PostAsync("/registers/estate/residents/entry", new() { ["id"] = Number, ["name"] = "测试一", ["unit"] = "3-1-502", ["purpose"] = "moved in" });

        using var stale = await ImportAsync(manager, "replace", "0");
        using var unversioned = await ImportAsync(manager, "replace", ""); // a page from before versions stood on it
        using var merged = await ImportAsync(manager, "merge", "0");
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.OK), (stale.StatusCode, unversioned.StatusCode, merged.StatusCode));
        Assert.Contains("""<th scope="row">3-1-502</th>""", await manager.ReadAsync("/registers/estate/residents"), StringComparison.Ordinal);
        using var replaced = await ImportAsync(manager, "replace", "2");
        Assert.DoesNotContain("""<th scope="row">3-1-502</th>""", await manager.ReadAsync("/registers/estate/residents"), StringComparison.Ordinal);

        static Task<HttpResponseMessage> ImportAsync(CenterSite.Browser browser, string mode, string version) => browser.PostFileAsync(
            "/registers/estate/residents/import", new() { ["mode"] = mode, ["version"] = version, ["purpose"] = "list of November" }, "file", $"id,unit\n{PeopleDesk.IdNumber("99999919900101002")},4-1-101\n");
    }

    [SkippableFact]
    public async Task What_two_officers_change_in_a_file_or_on_the_plan_at_once_is_changed_by_one_and_the_other_keeps_what_was_typed()
    {
        using var first = await _site.SignedInAsync(Role.Officer);
        using var second = await _site.SignedInAsync(Role.Officer);
        using var opened = await first.PostAsync("/files", new() { ["site"] = PeopleDesk.Site, ["number"] = Number, ["name"] = "测试一", ["unit"] = "3-1-502", ["kind"] = "Quarantine", ["until"] = "2026-12-06T10:00" });
        var shown = WasUntil().Match(await first.ReadAsync("/files/1")).Groups["value"].Value;
        static Dictionary<string, string> Until(string until, string was) => new() { ["until"] = until, ["was"] = was, ["words"] = "still coughs" };

        using var extended = await first.PostAsync("/files/1/extend", Until("2026-12-10T10:00", shown));
        using var stale = await second.PostAsync("/files/1/extend", Until("2026-12-08T10:00", shown));
        using var bound = await first.PostAsync("/files/1/contact", new() { ["contact"] = "door-17", ["was"] = "" });
        using var otherDoor = await second.PostAsync("/files/1/contact", new() { ["contact"] = "door-18", ["was"] = "" });
        using var placed = await first.PostAsync("/files/plan", new() { ["site"] = PeopleDesk.Site, ["places"] = "3 0 0 100 100", ["was"] = "" });
        using var otherPlaces = await second.PostAsync("/files/plan", new() { ["site"] = PeopleDesk.Site, ["places"] = "3 500 500 100 100", ["was"] = "" });

        Assert.All([extended, bound, placed], answer => Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode));
        Assert.All([stale, otherDoor, otherPlaces], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        var page = await stale.Content.ReadAsStringAsync();
        Assert.Contains("别人已经改过", page, StringComparison.Ordinal);
        Assert.Contains("""value="2026-12-08T10:00" """, page, StringComparison.Ordinal);
        Assert.Contains("""value="still coughs">""", page, StringComparison.Ordinal);
        Assert.NotEqual(shown, WasUntil().Match(page).Groups["value"].Value);
        Assert.Contains("""value="door-18">""", await otherDoor.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(">3 500 500 100 100</textarea>", await otherPlaces.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(">3 0 0 100 100</textarea>", await first.ReadAsync("/files"), StringComparison.Ordinal);
        var file = (await _site.Services.GetRequiredService<PersonFiles>().ReadAsync(1, PeopleDesk.Officer, CancellationToken.None))!;
        Assert.Equal(("door-17", 10), (file.Contact, file.Summary.Until.Day));
    }

    [SkippableFact]
    public async Task Two_lists_are_compared_field_by_field_as_they_stand_stood_or_lie_in_a_file_and_it_is_on_record()
    {
        var book = _site.Services.GetRequiredService<RegisterBook>();
        var others = Enumerable.Range(5, 60).Select(person => PeopleDesk.Resident(person, $"5-1-{person}")).ToArray(); // of a short list no changes are kept, only the newest whole one
        RegisterEntry[] before = [.. others, PeopleDesk.Resident(2, "3-1-503"), PeopleDesk.Resident(3, "3-1-504")];
        RegisterEntry[] after = [.. others, PeopleDesk.Resident(2, "9-1-901") with { Terms = new PersonTerms("staff") }, PeopleDesk.Resident(4, "4-1-101")];
        foreach (var version in (RegisterEntry[][])[before, after])
            await book.ChangeAsync(PeopleDesk.Site, RegisterBook.Residents, new RegisterChange(version, [], ReplacesAll: true), PeopleDesk.Officer, CancellationToken.None);
        using var manager = await _site.SignedInAsync(Role.Manager);
        Dictionary<string, string> asked = new() { ["site"] = PeopleDesk.Site, ["one"] = "residents@1", ["other"] = "residents@2", ["purpose"] = "reconcile November" };

        var form = await manager.ReadAsync("/registers/compare");
        using var compared = await manager.PostAsync("/registers/compare", asked);
        using var csv = await manager.PostAsync("/registers/compare/csv", asked);
        using var file = await manager.PostFileAsync("/registers/compare", new(asked) { ["other"] = "" }, "other-file", $"person,name,unit,status\n{PeopleDesk.Person(2)},测**,3-1-503,resident\n");
        using var gone = await manager.PostAsync("/registers/compare", new(asked) { ["one"] = "residents@9" });
        using var noFile = await manager.PostAsync("/registers/compare", new(asked) { ["one"] = "" });
        using var noPurpose = await manager.PostAsync("/registers/compare", new(asked) { ["purpose"] = "" });
        using var wrongFile = await manager.PostFileAsync("/registers/compare", new(asked) { ["other"] = "" }, "other-file", "person,unit\nnobody,1\n");

        Assert.Contains("""<option value="residents@1" >""", form, StringComparison.Ordinal);
        var page = await compared.Content.ReadAsStringAsync();
        Assert.Contains("<dt>只在甲</dt><dd>1</dd></div><div><dt>只在乙</dt><dd>1</dd></div><div><dt>两处不同</dt><dd>1</dd>", page, StringComparison.Ordinal);
        Assert.Contains("""<tr><th scope="row">3-1-503</th><td>测**</td><td>房号</td><td>3-1-503</td><td>9-1-901</td></tr>""", page, StringComparison.Ordinal);
        Assert.Contains("""<td>类别</td><td>resident</td><td>staff</td>""", page, StringComparison.Ordinal);
        Assert.Contains("""<option value="residents@1" selected>""", page, StringComparison.Ordinal);
        Assert.Equal(
            [
                "what,person,masked_name,unit,field,one,other", $"only-in-one,{PeopleDesk.Person(3)},测**,3-1-504", $"only-in-other,{PeopleDesk.Person(4)},测**,4-1-101",
                $"different,{PeopleDesk.Person(2)},测**,3-1-503,unit,3-1-503,9-1-901", $"different,{PeopleDesk.Person(2)},测**,3-1-503,status,resident,staff", "",
            ],
            (await csv.Content.ReadAsStringAsync()).Split('\n').Select(line => line.Replace(",'", ",", StringComparison.Ordinal)));
        Assert.Contains("<dt>只在甲</dt><dd>61</dd></div><div><dt>只在乙</dt><dd>0</dd></div><div><dt>两处不同</dt><dd>0</dd>", await file.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.All([gone, noFile, noPurpose, wrongFile], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        await using var connection = await _site.Database.OpenConnectionAsync();
        Assert.Equal(
            ["manager reconcile November 3 residents@1 residents@2", "manager reconcile November 3 residents@1 residents@2", "manager reconcile November 61 residents@1 file"],
            await connection.Sql("select asked_by || ' ' || purpose || ' ' || answers || ' ' || (details->>'one') || ' ' || (details->>'other') from audit where action = 'compare-registers' order by id")
                .ListAsync(row => row.GetString(0), CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_form_that_names_a_site_the_account_is_not_for_changes_nothing_there_and_says_nothing_of_it()
    {
        using var manager = await _site.SignedInAsync(Role.Manager);
        using var slip = await manager.PostAsync("/passes", new() { ["site"] = PeopleDesk.Site, ["name"] = "测试一", ["unit"] = "3-1-502", ["days"] = "90" });
        var number = Secrets().Matches(await slip.Content.ReadAsStringAsync())[0].Groups["value"].Value;
        await _site.Services.GetRequiredService<RegisterBook>()
            .ChangeAsync(PeopleDesk.Site, RegisterBook.Residents, new RegisterChange([PeopleDesk.Resident(2, "3-1-503")], [], ReplacesAll: true), PeopleDesk.Officer, CancellationToken.None);
        (string Path, Dictionary<string, string> Form)[] changes =
        [
            ("/passes", new() { ["name"] = "测试二", ["unit"] = "3-1-503", ["days"] = "90" }), ("/passes/pin", new() { ["number"] = number }),
            ("/notices", new() { ["text"] = "words", ["building"] = "", ["until"] = "2030-01-01T10:00" }), ("/notices/end", new() { ["notice"] = "1" }),
            ("/registers/compare", new() { ["one"] = "residents@1", ["other"] = "residents@1", ["purpose"] = "to look" }),
            ("/registers/compare/csv", new() { ["one"] = "residents@1", ["other"] = "residents@1", ["purpose"] = "to look" }), ("/passes/revoke", new() { ["number"] = number }),
        ];

        foreach (var (path, form) in changes)
        {
            var before = await StandsAsync();
            await LimitAsync("elsewhere");
            using var refused = await manager.PostAsync(path, new(form) { ["site"] = PeopleDesk.Site });
            var said = await refused.Content.ReadAsStringAsync() + refused.Headers.Location;
            Assert.Equal((path, before), (path, await StandsAsync()));
            Assert.DoesNotContain(PeopleDesk.Site, said, StringComparison.Ordinal);
            Assert.DoesNotContain(number, said, StringComparison.Ordinal);

            await LimitAsync(PeopleDesk.Site);
            using var done = await manager.PostAsync(path, new(form) { ["site"] = PeopleDesk.Site });
            Assert.NotEqual((path, before), (path, await StandsAsync())); // or the form would have been refused anyway
        }

        Task<bool> LimitAsync(string site) => _site.Services.GetRequiredService<AccountBook>().LimitAsync(CenterSite.NameOf(Role.Manager), [site], CancellationToken.None);
    }

    /// <summary>What the forms of lists, passes and notices change, in one text: what was done is in the audit, but for notices.</summary>
    private async Task<string?> StandsAsync()
    {
        await using var connection = await _site.Database.OpenConnectionAsync();
        return await connection.Sql("select (select count(*) from audit)::text || ' ' || coalesce((select string_agg(id || ' ' || until, ';' order by id) from notice), '')").ScalarAsync<string>(CancellationToken.None);
    }

    [SkippableFact]
    public async Task A_pass_given_for_an_id_card_is_bound_to_the_key_of_its_number_as_long_as_there_is_the_pass()
    {
        using var manager = await _site.SignedInAsync(Role.Manager);
        Dictionary<string, string> form = new() { ["site"] = PeopleDesk.Site, ["name"] = "测试一", ["unit"] = "3-1-502", ["days"] = "90" };

        using var wrong = await manager.PostAsync("/passes", new(form) { ["id"] = Number[..17] + (Number[^1] == '0' ? '1' : '0') });
        using var given = await manager.PostAsync("/passes", new(form) { ["id"] = Number });
        using var without = await manager.PostAsync("/passes", form);

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.OK, HttpStatusCode.OK], [wrong.StatusCode, given.StatusCode, without.StatusCode]);
        Assert.DoesNotContain(Number, await given.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var connection = await _site.Database.OpenConnectionAsync();
        var key = System.Buffers.Text.Base64Url.DecodeFromChars(_site.Services.GetRequiredService<SiteKeys>().Of(PeopleDesk.Site).KeyOfIdNumber(Number));
        Assert.Equal(key, await connection.Sql("select person from pass_person").ScalarAsync<byte[]>(CancellationToken.None));
        await connection.Sql("delete from register_entry").RunAsync(CancellationToken.None);
        Assert.Equal(0, await connection.Sql("select count(*) from pass_person").ScalarAsync<long>(CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_pass_and_its_pin_from_the_desk_open_the_own_household_and_tokens_of_another_do_nothing()
    {
        var (first, second) = (await ResidentAsync("3-1-502"), await ResidentAsync("4-1-101"));
        using var _ = first;
        using var __ = second;
        Dictionary<string, string> visitor = new() { ["kind"] = "visitor", ["name"] = "测试二", ["from"] = "2026-11-22T17:00", ["hours"] = "2" };

        using var announced = await first.PostAsync("/home/expect", visitor);
        var (own, other) = (await first.ReadAsync("/home"), await second.ReadAsync("/home"));
        var mine = first.FormToken;
        first.FormToken = second.FormToken;
        using var foreign = await first.PostAsync("/home/expect", new(visitor) { ["name"] = "测试三" });
        first.FormToken = mine;
        using var cancelled = await second.PostAsync("/home/cancel", new() { ["expected"] = Expected().Match(own).Groups["value"].Value });

        Assert.Contains("said=done", announced.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal("/home", foreign.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.BadRequest, cancelled.StatusCode);
        Assert.Contains("测试二", own, StringComparison.Ordinal);
        Assert.Contains("<svg", own, StringComparison.Ordinal);
        Assert.DoesNotContain("测试二", other, StringComparison.Ordinal);
        Assert.DoesNotContain("测试三", await first.ReadAsync("/home"), StringComparison.Ordinal);
        Assert.Contains("3-1-502", own, StringComparison.Ordinal);
        Assert.DoesNotContain("3-1-502", other, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_household_measures_its_own_people_only()
    {
        using var officer = await _site.SignedInAsync(Role.Officer);
        using var opened = await officer.PostAsync("/files", new() { ["site"] = PeopleDesk.Site, ["number"] = Number, ["name"] = "测试一", ["unit"] = "3-1-502", ["kind"] = "Quarantine", ["until"] = "2026-12-06T10:00" });
        using var own = await ResidentAsync("3-1-502");
        using var other = await ResidentAsync("4-1-101");

        using var theirs = await other.PostAsync("/home/measure", new() { ["file"] = "1", ["celsius"] = "36.5" });
        using var ours = await own.PostAsync("/home/measure", new() { ["file"] = "1", ["celsius"] = "36.6" });

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.SeeOther), (theirs.StatusCode, ours.StatusCode));
        Assert.DoesNotContain("name=\"file\"", await other.ReadAsync("/home"), StringComparison.Ordinal);
        var file = (await _site.Services.GetRequiredService<PersonFiles>().ReadAsync(1, PeopleDesk.Officer, CancellationToken.None))!;
        Assert.Equal((36.6m, MeasureSource.Household), (Assert.Single(file.Measures).Celsius, file.Measures[0].Source));
    }

    [SkippableFact]
    public async Task Guessing_from_one_address_is_slowed_whatever_passes_are_named()
    {
        using var browser = _site.NewBrowser();
        var answers = new List<HttpStatusCode>();
        for (var number = 0; number < 25; number++)
        {
            using var answer = await browser.PostAsync("/home/sign-in", new() { ["pass"] = $"ABCDEFGH{number}", ["pin"] = "123456" });
            answers.Add(answer.StatusCode);
        }

        Assert.Contains(HttpStatusCode.Unauthorized, answers);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
    }

    /// <summary>A browser signed in at the residents' page, with a pass that the desk gave.</summary>
    private async Task<CenterSite.Browser> ResidentAsync(string unit)
    {
        using var manager = await _site.SignedInAsync(Role.Manager);
        using var slip = await manager.PostAsync("/passes", new() { ["site"] = PeopleDesk.Site, ["name"] = "测试一", ["unit"] = unit, ["days"] = "90" });
        var secrets = Secrets().Matches(await slip.Content.ReadAsStringAsync());
        var browser = _site.NewBrowser();
        using var signedIn = await browser.PostAsync("/home/sign-in", new() { ["pass"] = secrets[0].Groups["value"].Value, ["pin"] = secrets[1].Groups["value"].Value });
        Assert.Equal("/home", signedIn.Headers.Location?.ToString());
        browser.FormToken = Token().Match(await browser.ReadAsync("/home")).Groups["value"].Value;
        return browser;
    }

    [GeneratedRegex("<strong class=\"mono\">(?<value>[^<]+)</strong>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secrets();

    [GeneratedRegex("name=\"was\" value=\"(?<value>2026-[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WasUntil();

    [GeneratedRegex("name=\"token\" value=\"(?<value>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();

    [GeneratedRegex("name=\"expected\" value=\"(?<value>[0-9]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expected();
}

using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.People;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Tests.People;
using EdgeGate.Center.Tests.Web;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EdgeGate.SystemTests.Center;

/// <summary>Files, lists, passes and the residents' page in a real browser.</summary>
public sealed class PeoplePageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Noon);
    private readonly PeopleKeys _keys = PeopleKeys.Of(PeopleDesk.Site);
    private CenterInBrowser? _center;

    private CenterInBrowser Center
    {
        get
        {
            Skip.If(_center is null, PrivatePostgres.NotInstalled);
            return _center;
        }
    }

    public async Task InitializeAsync()
    {
        _center = await CenterInBrowser.StartAsync(chromium, _time, _keys.Settings);
        if (_center is not null)
            await FillAsync();
    }

    public async Task DisposeAsync()
    {
        await chromium.ClosePagesAsync();
        if (_center is not null)
            await _center.DisposeAsync();
        _keys.Dispose();
    }

    [SkippableFact]
    public async Task An_officer_looks_at_the_estate_takes_up_a_proposal_and_keeps_the_file()
    {
        var (page, checks) = await Center.SignInAsync("officer");
        await page.GotoAsync(Center.Address("/files"));
        await Assertions.Expect(page.Locator("svg.plan")).ToBeVisibleAsync();
        await CenterInBrowser.LookAsync(page, checks, "files");

        await page.GetByRole(AriaRole.Link, new() { Name = "档案" }).First.ClickAsync();
        await CenterInBrowser.LookAsync(page, checks, "file-proposed");
        await page.Locator("#name").FillAsync("测试七");
        await page.GetByRole(AriaRole.Button, new() { Name = "建档", Exact = true }).ClickAsync();
        await page.Locator("#celsius").FillAsync("38,1");
        await page.Locator("#measure-words").FillAsync("咳嗽");
        await page.Locator("form[action$=measure] button").ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("38.1 °C");
        await CenterInBrowser.LookAsync(page, checks, "file");
    }

    [SkippableFact]
    public async Task A_manager_keeps_lists_zones_notices_and_passes_and_a_resident_announces_a_visitor_on_a_phone()
    {
        var (page, checks) = await Center.SignInAsync("manager", scheme: ColorScheme.Dark);
        foreach (var (path, view) in ((string, string)[])[("/registers", "registers"), ("/registers/estate/residents", "register"), ("/registers/estate/plan", "zones"), ("/measures", "measures"), ("/notices", "notices"), ("/passes", "passes")])
        {
            await page.GotoAsync(Center.Address(path));
            await CenterInBrowser.LookAsync(page, checks, view);
        }
        await CompareAsync(page, checks);
        await page.GotoAsync(Center.Address("/passes"));
        await page.Locator("#name").FillAsync("测试一");
        await page.Locator("#unit").FillAsync("3-1-502");
        await page.Locator("form[action='/passes'] button").ClickAsync();
        await CenterInBrowser.LookAsync(page, checks, "pass-slip");
        var secrets = await page.Locator("strong.mono").AllInnerTextsAsync();

        var (phone, phoneChecks) = await Center.OpenAsync("/home", width: 390);
        await CenterInBrowser.LookAsync(phone, phoneChecks, "home-sign-in");
        await phone.Locator("#pass").FillAsync(secrets[0]);
        await phone.Locator("#pin").FillAsync(secrets[1]);
        await phone.Locator("form.card button.main").ClickAsync();
        await CenterInBrowser.LookAsync(phone, phoneChecks, "home");
        await phone.Locator("#name").FillAsync("测试二");
        await phone.Locator("form[action$=expect] button").ClickAsync();
        await Assertions.Expect(phone.Locator(".qr")).ToBeVisibleAsync();
        await CenterInBrowser.LookAsync(phone, phoneChecks, "home-visitor");
        await phone.Locator("#name").FillAsync(new string('W', 64));
        await phone.Locator("form[action$=expect] button").ClickAsync();
        await Assertions.Expect(phone.Locator(".qr")).ToHaveCountAsync(2);
        await CenterInBrowser.LookAsync(phone, phoneChecks, "home-long-name");
        Assert.True(await phone.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the residents' page is wider than a phone");
        Assert.InRange(await phoneChecks.BytesTransferredAsync(), 1_000, 150_000);
    }

    /// <summary>Debian's browser reads no codes; those of phones do, and say so like this.</summary>
    private const string PhoneThatReadsCodes =
        """
        globalThis.BarcodeDetector = class { async detect() { return [{ rawValue: 'PASS-OF-THE-TEST' }]; } };
        navigator.mediaDevices.getUserMedia = async () => document.createElement('canvas').captureStream(5);
        """;

    [SkippableFact]
    public async Task A_phone_that_reads_codes_scans_the_pass_and_any_other_types_its_number()
    {
        var (plain, _) = await Center.OpenAsync("/home", width: 390);
        await Assertions.Expect(plain.Locator("button[data-scan]")).ToBeHiddenAsync();

        var (phone, checks) = await Center.OpenAsync("/home", width: 390, before: PhoneThatReadsCodes);
        await phone.Locator("button[data-scan]").ClickAsync();
        await Assertions.Expect(phone.Locator("#pass")).ToHaveValueAsync("PASS-OF-THE-TEST");
        await Assertions.Expect(phone.Locator("#pin")).ToBeFocusedAsync();
        await Assertions.Expect(phone.Locator("video")).ToHaveCountAsync(0);
        await CenterInBrowser.LookAsync(phone, checks, "home-scanned");
    }

    [SkippableFact]
    public async Task Of_two_who_save_at_once_the_later_can_read_what_happened_whatever_it_was()
    {
        var (page, checks) = await Center.SignInAsync("manager");
        using var other = await Center.Site.SignedInAsync(Role.Manager);
        await page.GotoAsync(Center.Address("/registers/estate/plan"));
        using var zones = await other.PostAsync("/registers/estate/plan/zones", new() { ["zone"] = "north", ["risk"] = "High", ["units"] = "5-", ["version"] = "1", ["purpose"] = "a case in building 5" });
        await page.Locator("#zone-purpose").FillAsync("三号楼有病例");
        await page.Locator("form[action$=zones] button.main").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("没有保存");
        await CenterInBrowser.LookAsync(page, checks, "zones-newer", status: 409);

        await page.GotoAsync(Center.Address("/plan/estate"));
        using var placed = await other.PostAsync("/plan/estate/place", new() { ["gate"] = "north", ["x"] = "500", ["y"] = "250" });
        await page.Locator("#gate").SelectOptionAsync("north");
        await page.Locator("#x").FillAsync("700");
        await page.Locator("#y").FillAsync("250");
        await page.GetByRole(AriaRole.Button, new() { Name = "摆放", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("没有摆放");
        Assert.Equal("700", await page.Locator("#x").InputValueAsync());
        await CenterInBrowser.LookAsync(page, checks, "plan-newer", status: 409);
    }

    [SkippableFact]
    public async Task Whoever_is_not_signed_in_or_may_not_is_shown_a_page_that_everybody_can_read()
    {
        foreach (var locale in new[] { "zh-CN", "en-GB" })
        {
            foreach (var (path, form, fields) in ((string, string, string[])[])[("/sign-in", "form.card", ["account", "password"]), ("/home", "form.card", ["pass", "pin"])])
            {
                var (page, checks) = await Center.OpenAsync(path, locale, ColorScheme.Dark, width: 390);
                await CenterInBrowser.LookAsync(page, checks, $"{locale}{path.Replace('/', '-')}");
                foreach (var field in fields)
                    await page.Locator($"#{field}").FillAsync("ABCDEFGH23");
                await page.Locator($"{form} button:not([type=button])").ClickAsync();
                await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
                await CenterInBrowser.LookAsync(page, checks, $"{locale}{path.Replace('/', '-')}-wrong", status: 401);
            }
        }
        var (stranger, strangerChecks) = await Center.SignInAsync("auditor");
        foreach (var (path, status) in ((string, int)[])[("/files", 403), ("/nothing/here", 404), ("/fleet/estate/nowhere", 404)])
        {
            await stranger.GotoAsync(Center.Address(path));
            await CenterInBrowser.LookAsync(stranger, strangerChecks, $"refused{path.Replace('/', '-')}", status);
        }
    }

    /// <summary>What changed between two versions of a list, then against a file.</summary>
    private async Task CompareAsync(IPage page, PageChecks checks)
    {
        await page.GotoAsync(Center.Address("/registers"));
        await page.GetByRole(AriaRole.Link, new() { Name = "比较两份名单" }).ClickAsync();
        await CenterInBrowser.LookAsync(page, checks, "compare-empty");
        await page.Locator("#one").SelectOptionAsync("residents@1");
        await page.Locator("#other").SelectOptionAsync("residents@2");
        await page.Locator("#compare-purpose").FillAsync("核对十一月名单");
        await page.GetByRole(AriaRole.Button, new() { Name = "比较", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "两处不同" })).ToContainTextAsync("3-1-502");
        await CenterInBrowser.LookAsync(page, checks, "compare");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "下载 CSV" }).ClickAsync());
        Assert.Contains("different,", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);

        await page.Locator("#other").SelectOptionAsync("");
        await page.Locator("#other-file").SetInputFilesAsync(new FilePayload { Name = "november.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes($"person,name,unit,status\n{PeopleDesk.Person(99)},测试九,9-1-101,resident\n") });
        await page.GetByRole(AriaRole.Button, new() { Name = "比较", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "只在乙" })).ToContainTextAsync("9-1-101");
        await page.SetViewportSizeAsync(390, 844);
        await CenterInBrowser.LookAsync(page, checks, "compare-phone");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the comparison is wider than a phone");
        await page.SetViewportSizeAsync(1280, 900);
    }

    /// <summary>Three buildings with residents, a list behind at one gate, files in all states.</summary>
    private async Task FillAsync()
    {
        var services = Center.Site.Services;
        var (book, files) = (services.GetRequiredService<RegisterBook>(), services.GetRequiredService<PersonFiles>());
        await using (var connection = await Center.Site.Database.OpenConnectionAsync())
        {
            await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now()), ('estate', 'south', now())").RunAsync(CancellationToken.None);
            await connection.Sql("insert into notice (site, building, text, made_by, at, until) values ('estate', '', '本周六上午九点全员核酸检测，请带身份证。', 'manager', $1, $2)", Noon, Noon.AddDays(5)).RunAsync(CancellationToken.None);
        }
        var residents = Enumerable.Range(0, 60).Select(number => PeopleDesk.Resident(number, $"{(number % 7) + 1}-1-{500 + (number % 9)}")).ToArray();
        var list = new RegisterChange(residents, [], ReplacesAll: true);
        await book.ChangeAsync(PeopleDesk.Site, RegisterBook.Residents, list, PeopleDesk.Officer, CancellationToken.None);
        await book.ChangeAsync(PeopleDesk.Site, RegisterBook.Residents, new RegisterChange([PeopleDesk.Resident(16, "3-1-502")], []), PeopleDesk.Officer, CancellationToken.None);
        await book.ChangePlanAsync(PeopleDesk.Site, new SitePlan { Zones = [new Zone("east", RiskLevel.High, ["3-", "4-"]), new Zone("west", RiskLevel.Low, ["1-", "2-"])] }, PeopleDesk.Officer, CancellationToken.None);
        foreach (var (person, kind) in ((int, FileKind)[])[(2, FileKind.Quarantine), (9, FileKind.Arrival), (16, FileKind.Medicine), (3, FileKind.Fever)])
        {
            var id = await files.OpenAsync(new NewFile(
                PeopleDesk.Site, SampleGate.Person(person), "测**", $"{(person % 7) + 1}-1-502", kind, Noon.AddDays(14), new FileDetails("测试一", "13800009999", "密接")), PeopleDesk.Officer, CancellationToken.None);
            if (person == 3)
                await files.MeasureAsync(id!.Value, new MeasureWords(37.8m, "头痛"), "officer", MeasureSource.Officer, household: null, CancellationToken.None);
            if (person == 2)
            {
                await using var connection = await Center.Site.Database.OpenConnectionAsync();
                await connection.Sql("insert into measure_reminder values ($1, $2, $2)", id!.Value, Noon.AddHours(-2)).RunAsync(CancellationToken.None);
            }
        }
        var gate = new SampleGate(PeopleDesk.Site, "north", Noon.AddHours(-3));
        var store = new RecordStore(Center.Site.Database, new Partitions(Center.Site.Database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180);
        await store.CommitAsync(Intake.Read(
        [
            gate.ListInForce("residents", 1), gate.ListInForce("plan", 1), gate.Decide(person: 23, Outcome.Denied, reasons: [DenyReason.TemperatureTooHigh]), gate.Decide(person: 2), gate.Decide(person: 9),
            gate.Write("edgegate.round.v1", """{"building":"3","place":"stairs","task":"disinfection"}"""), gate.Write("edgegate.delivery.v1", """{"delivery":"d1","building":"3","slot":2,"state":"arrived"}"""),
        ]), CancellationToken.None);
        _time.Advance(GateLists.MayTake + TimeSpan.FromMinutes(1)); // the north gate had time, and has not got the newest list
    }
}

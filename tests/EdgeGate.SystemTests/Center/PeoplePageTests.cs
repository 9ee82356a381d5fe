using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.People;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Tests.People;
using EdgeGate.Center.Tests.Web;
using EdgeGate.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Npgsql;

namespace EdgeGate.SystemTests.Center;

/// <summary>Files, lists, passes and the residents' page in a real browser. Pictures of every page are left in the test output, folder <c>center</c>.</summary>
public sealed class PeoplePageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Noon);
    private readonly PeopleKeys _keys = PeopleKeys.Of(PeopleDesk.Site);
    private PrivatePostgres? _postgres;
    private CenterSite? _site;

    public async Task InitializeAsync()
    {
        if (!PrivatePostgres.IsInstalled)
            return;
        _postgres = await PrivatePostgres.StartAsync("fsync=off");
        var database = NpgsqlDataSource.Create(_postgres.ConnectionString());
        await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None);
        _site = await CenterSite.StartAsync(database, _time, _keys.Settings);
        await FillAsync();
    }

    public async Task DisposeAsync()
    {
        await chromium.ClosePagesAsync();
        if (_site is not null)
            await _site.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        _keys.Dispose();
    }

    [SkippableFact]
    public async Task An_officer_looks_at_the_estate_takes_up_a_proposal_and_keeps_the_file()
    {
        var (page, checks) = await OpenAsync("officer", ColorScheme.Light);
        await page.GotoAsync(Address("/files"));
        await Assertions.Expect(page.Locator("svg.plan")).ToBeVisibleAsync();
        await LookAsync(page, checks, "files");

        await page.GetByRole(AriaRole.Link, new() { Name = "档案" }).First.ClickAsync();
        await LookAsync(page, checks, "file-proposed");
        await page.Locator("#name").FillAsync("测试七");
        await page.GetByRole(AriaRole.Button, new() { Name = "建档", Exact = true }).ClickAsync();
        await page.Locator("#celsius").FillAsync("38,1");
        await page.Locator("#measure-words").FillAsync("咳嗽");
        await page.Locator("form[action$=measure] button").ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("38.1 °C");
        await LookAsync(page, checks, "file");
    }

    [SkippableFact]
    public async Task A_manager_keeps_lists_zones_notices_and_passes_and_a_resident_announces_a_visitor_on_a_phone()
    {
        var (page, checks) = await OpenAsync("manager", ColorScheme.Dark);
        foreach (var (path, view) in ((string, string)[])[("/registers", "registers"), ("/registers/estate/residents", "register"), ("/registers/estate/plan", "zones"), ("/measures", "measures"), ("/notices", "notices"), ("/passes", "passes")])
        {
            await page.GotoAsync(Address(path));
            await LookAsync(page, checks, view);
        }
        await CompareAsync(page, checks);
        await page.GotoAsync(Address("/passes"));
        await page.Locator("#name").FillAsync("测试一");
        await page.Locator("#unit").FillAsync("3-1-502");
        await page.Locator("form[action='/passes'] button").ClickAsync();
        await LookAsync(page, checks, "pass-slip");
        var secrets = await page.Locator("strong.mono").AllInnerTextsAsync();

        var phone = await chromium.NewPageAsync(390, 844, new() { Locale = "zh-CN" });
        var phoneChecks = new PageChecks(phone);
        await phone.GotoAsync(Address("/home"));
        await LookAsync(phone, phoneChecks, "home-sign-in");
        await phone.Locator("#pass").FillAsync(secrets[0]);
        await phone.Locator("#pin").FillAsync(secrets[1]);
        await phone.Locator("form.card button").ClickAsync();
        await LookAsync(phone, phoneChecks, "home");
        await phone.Locator("#name").FillAsync("测试二");
        await phone.Locator("form[action$=expect] button").ClickAsync();
        await Assertions.Expect(phone.Locator(".qr")).ToBeVisibleAsync();
        await LookAsync(phone, phoneChecks, "home-visitor");
        Assert.True(await phone.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the residents' page is wider than a phone");
        Assert.InRange(await phoneChecks.BytesTransferredAsync(), 1_000, 150_000);
    }

    /// <summary>What changed between two versions of a list, then against a file.</summary>
    private async Task CompareAsync(IPage page, PageChecks checks)
    {
        await page.GotoAsync(Address("/registers"));
        await page.GetByRole(AriaRole.Link, new() { Name = "比较两份名单" }).ClickAsync();
        await LookAsync(page, checks, "compare-empty");
        await page.Locator("#one").SelectOptionAsync("residents@1");
        await page.Locator("#other").SelectOptionAsync("residents@2");
        await page.Locator("#compare-purpose").FillAsync("核对十一月名单");
        await page.GetByRole(AriaRole.Button, new() { Name = "比较", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "两处不同" })).ToContainTextAsync("3-1-502");
        await LookAsync(page, checks, "compare");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "下载 CSV" }).ClickAsync());
        Assert.Contains("different,", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);

        await page.Locator("#other").SelectOptionAsync("");
        await page.Locator("#other-file").SetInputFilesAsync(new FilePayload { Name = "november.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes($"person,name,unit,status\n{PeopleDesk.Person(99)},测试九,9-1-101,resident\n") });
        await page.GetByRole(AriaRole.Button, new() { Name = "比较", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "只在乙" })).ToContainTextAsync("9-1-101");
        await page.SetViewportSizeAsync(390, 844);
        await LookAsync(page, checks, "compare-phone");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the comparison is wider than a phone");
        await page.SetViewportSizeAsync(1280, 900);
    }

    /// <summary>Three buildings with residents, a list behind at one gate, files in all states.</summary>
    private async Task FillAsync()
    {
        var services = _site!.Services;
        var (book, files) = (services.GetRequiredService<RegisterBook>(), services.GetRequiredService<PersonFiles>());
        await using (var connection = await _site.Database.OpenConnectionAsync())
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
                await using var connection = await _site.Database.OpenConnectionAsync();
                await connection.Sql("insert into measure_reminder values ($1, $2, $2)", id!.Value, Noon.AddHours(-2)).RunAsync(CancellationToken.None);
            }
        }
        var gate = new SampleGate(PeopleDesk.Site, "north", Noon.AddHours(-3));
        var store = new RecordStore(_site.Database, new Partitions(_site.Database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180);
        await store.CommitAsync(Intake.Read(
        [
            gate.ListInForce("residents", 1), gate.ListInForce("plan", 1), gate.Decide(person: 23, Outcome.Denied, reasons: [DenyReason.TemperatureTooHigh]), gate.Decide(person: 2), gate.Decide(person: 9),
            gate.Write("edgegate.round.v1", """{"building":"3","place":"stairs","task":"disinfection"}"""), gate.Write("edgegate.delivery.v1", """{"delivery":"d1","building":"3","slot":2,"state":"arrived"}"""),
        ]), CancellationToken.None);
        _time.Advance(GateLists.MayTake + TimeSpan.FromMinutes(1)); // the north gate had time, and has not got the newest list
    }

    private string Address(string path) => new Uri(_site!.Address, path).ToString();

    private async Task<(IPage Page, PageChecks Checks)> OpenAsync(string account, ColorScheme scheme)
    {
        Skip.If(_site is null, PrivatePostgres.NotInstalled);
        var page = await chromium.NewPageAsync(1280, 900, new() { Locale = "zh-CN", ColorScheme = scheme });
        var checks = new PageChecks(page);
        await page.GotoAsync(Address("/sign-in"));
        await page.Locator("#account").FillAsync(account);
        await page.Locator("#password").FillAsync(CenterSite.Password);
        await page.Locator("form.card button").ClickAsync();
        await Assertions.Expect(page.Locator("nav").First).ToBeVisibleAsync();
        return (page, checks);
    }

    private static async Task LookAsync(IPage page, PageChecks checks, string view)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "center");
        Directory.CreateDirectory(folder);
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, view + ".png"), FullPage = true });
        Assert.Empty(await checks.AxeFaultsAsync(view));
        Assert.Empty(checks.Complaints);
    }
}

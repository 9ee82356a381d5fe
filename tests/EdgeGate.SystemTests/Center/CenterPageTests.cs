using System.Security.Cryptography;
using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Fleet;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Tests.Web;
using EdgeGate.Messages.Privacy;
using EdgeGate.Testing;
using Microsoft.Playwright;

namespace EdgeGate.SystemTests.Center;

/// <summary>The center's pages in a real browser, as each role uses them.</summary>
public sealed class CenterPageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Passphrase = "a passphrase of the test";
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-pages-").FullName;
    private readonly ManualTime _time = new(Day.AddHours(15));
    private readonly SampleGate _north = new("demo-estate", "north", Day), _south = new("demo-estate", "south", Day);
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
        await File.WriteAllTextAsync(Path.Combine(_folder, "operators.pem"), OperatorKey.New(Passphrase).ClosedPem);
        await File.WriteAllTextAsync(Path.Combine(_folder, "site.key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        _center = await CenterInBrowser.StartAsync(chromium, _time, CenterSite.Settings with
        {
            OperatorKey = new("operators", Path.Combine(_folder, "operators.pem")),
            Sites = [new("demo-estate", Path.Combine(_folder, "site.key"))],
        });
        if (_center is null)
            return;
        await using (var connection = await _center.Site.Database.OpenConnectionAsync())
        {
            await connection.Sql("insert into gate (site, name, added_at) values ('demo-estate', 'north', now()), ('demo-estate', 'south', now()), ('demo-estate', 'school', now())").RunAsync(CancellationToken.None);
            await connection.Sql("insert into gate_report (gate_id, online, online_at, version) values (1, true, $1, '0.1.0'), (2, false, $1, '0.1.0')", Day.AddHours(6)).RunAsync(CancellationToken.None);
            await connection.Sql("insert into gate_device values (1, 'id-card-reader', 'connected', null, $1), (1, 'thermometer', 'disconnected', 'no answer on /dev/ttyUSB1: look at its plug', $1)", Day.AddHours(9)).RunAsync(CancellationToken.None);
        }
        await CommitAsync([.. Crowd()]);
        // Of the south gate one record is missing.
        var south = Enumerable.Range(1, 6).Select(person => _south.Decide(person, at: Day.AddHours(11).AddMinutes(person))).ToArray();
        await CommitAsync([.. south.Where((_, index) => index != 2)]);
    }

    public async Task DisposeAsync()
    {
        await chromium.ClosePagesAsync();
        if (_center is not null)
            await _center.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task An_operator_sees_what_is_wrong_gives_an_order_and_an_alarm_comes_by_itself()
    {
        var (page, checks) = await Center.SignInAsync("operator", "zh-CN", ColorScheme.Light);
        await Assertions.Expect(page.Locator("#gates")).ToContainTextAsync("离线");
        await CommitAsync(_north.Newer());
        await Assertions.Expect(page.Locator("#aside")).ToContainTextAsync("it may be newer than the center", new() { Timeout = 30_000 });
        await CenterInBrowser.LookAsync(page, checks, "fleet");
        await CommitAsync(_north.ForcedOpen());
        await Assertions.Expect(page.Locator("#alarms")).ToContainTextAsync("强行打开");
        await CenterInBrowser.LookAsync(page, checks, "fleet-alarm");
        await page.Locator("#alarms input[name=note]").First.FillAsync("已到现场，误报");
        await page.Locator("#alarms button").First.ClickAsync();
        await Assertions.Expect(page.Locator("#alarms")).ToContainTextAsync("没有警报");

        await page.Locator("#gates a").GetByText("demo-estate/north").ClickAsync();
        await Assertions.Expect(page.Locator("#devices")).ToContainTextAsync("ttyUSB1");
        var form = page.Locator("form[action$=open-once]");
        await form.Locator("[name=lane]").FillAsync("lane-1");
        await form.Locator("[name=reason]").FillAsync("轮椅");
        await form.Locator("[name=passphrase]").FillAsync(Passphrase);
        await form.Locator("button").ClickAsync();
        await Assertions.Expect(page.Locator("#commands")).ToContainTextAsync("等待应答");
        await CenterInBrowser.LookAsync(page, checks, "gate");

        await page.GotoAsync(Center.Address("/plan/demo-estate"));
        await page.Locator("[data-plan]").ClickAsync(new() { Position = new() { X = 100, Y = 50 } });
        Assert.NotEqual("", await page.Locator("#x").InputValueAsync());
        await CenterInBrowser.LookAsync(page, checks, "plan");
    }

    [SkippableFact]
    public async Task An_officer_traces_somebody_and_goes_on_to_a_contact_and_an_auditor_sees_it()
    {
        var (page, checks) = await Center.SignInAsync("officer", "zh-CN", ColorScheme.Light);
        await page.GetByRole(AriaRole.Link, new() { Name = "追溯" }).ClickAsync();
        await CenterInBrowser.LookAsync(page, checks, "trace-empty");
        await page.Locator("#number").FillAsync(NumberOf(1));
        await page.Locator("#from").FillAsync("2026-11-20T00:00");
        await page.Locator("#to").FillAsync("2026-11-24T00:00");
        await page.Locator("#degrees").SelectOptionAsync("2");
        await page.Locator("#purpose").FillAsync("第 17 号病例的流行病学调查");
        await page.GetByRole(AriaRole.Button, new() { Name = "追溯", Exact = true }).First.ClickAsync();
        await Assertions.Expect(page.Locator("svg.graph")).ToBeVisibleAsync();
        Assert.DoesNotContain(NumberOf(1), await page.ContentAsync(), StringComparison.Ordinal);
        await CenterInBrowser.LookAsync(page, checks, "trace");
        await page.GetByRole(AriaRole.Button, new() { Name = "追溯 1 号" }).ClickAsync();
        await Assertions.Expect(page.Locator("svg.graph")).ToBeVisibleAsync();

        var (audit, auditChecks) = await Center.SignInAsync("auditor", "en-GB", ColorScheme.Dark);
        await audit.GetByRole(AriaRole.Link, new() { Name = "Audit", Exact = true }).ClickAsync();
        await Assertions.Expect(audit.Locator("tbody tr")).ToHaveCountAsync(2);
        await CenterInBrowser.LookAsync(audit, auditChecks, "audit");
    }

    [SkippableFact]
    public async Task A_manager_reads_the_daily_sheet_by_night_in_English_on_a_phone_and_on_paper()
    {
        var (page, checks) = await Center.SignInAsync("manager", "en-GB", ColorScheme.Dark);
        await page.GotoAsync(Center.Address("/reports?site=demo-estate&day=2026-11-22"));
        await Assertions.Expect(page.Locator("svg.chart")).ToBeVisibleAsync();
        await CenterInBrowser.LookAsync(page, checks, "reports");
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await CenterInBrowser.PictureAsync(page, "reports-print");
        await page.EmulateMediaAsync(new() { Media = Media.Screen });
        await page.SetViewportSizeAsync(390, 844);
        await CenterInBrowser.LookAsync(page, checks, "reports-phone");
        foreach (var path in new[] { "/fleet", "/fleet/demo-estate/north", "/account" })
        {
            await page.GotoAsync(Center.Address(path));
            await CenterInBrowser.LookAsync(page, checks, $"phone{path.Replace('/', '-')}");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than a phone");
        }
        Assert.InRange(await checks.BytesTransferredAsync(), 1_000, 150_000);
    }

    /// <summary>A day at the north gate: a morning out, an evening in, some of them together, some of them refused.</summary>
    private IEnumerable<EdgeGate.Mqtt.MqttInbound> Crowd()
    {
        var keys = new PersonKeys(Convert.FromBase64String(File.ReadAllText(Path.Combine(_folder, "site.key"))));
        for (var minute = 0; minute < 8 * 60; minute += 4)
        {
            var person = 1 + (minute / 4 % 24);
            var at = Day.AddHours(6).AddMinutes(minute).AddSeconds(person * 7 % 50);
            var (outcome, reasons) = (minute / 4) switch
            {
                11 or 47 => (Outcome.Denied, new[] { DenyReason.TemperatureTooHigh }),
                23 or 67 or 80 => (Outcome.Denied, [DenyReason.NotRegistered]),
                31 => (Outcome.Guard, [DenyReason.HealthCodeExpired]),
                _ => (Outcome.Granted, Array.Empty<DenyReason>()),
            };
            yield return _north.Decide(KeyOf(person), outcome, at, reasons: reasons);
            if (person is 1 or 9)
                yield return _north.Decide(KeyOf(2), Outcome.Granted, at.AddSeconds(12)); // goes along
            if (person % 5 == 0)
                yield return _north.Decide(KeyOf(30 + person), Outcome.Granted, at.AddMinutes(1));
        }

        byte[] KeyOf(int person) => System.Buffers.Text.Base64Url.DecodeFromChars(keys.KeyOfIdNumber(NumberOf(person)));
    }

    /// <summary>An invented person's, with its check digit.</summary>
    private static string NumberOf(int person)
    {
        var first = $"99999919900101{person:000}";
        return Enumerable.Range(0, 11).Select(check => first + "0123456789X"[check]).Single(number => CitizenNumber.TryParse(number, out var citizen) && citizen.HasValidCheckDigit);
    }

    private async Task CommitAsync(params EdgeGate.Mqtt.MqttInbound[] messages) =>
        await new RecordStore(Center.Site.Database, new Partitions(Center.Site.Database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180).CommitAsync(Intake.Read(messages), CancellationToken.None);
}

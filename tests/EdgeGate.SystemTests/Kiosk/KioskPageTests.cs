using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Messages.Commands;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Tests.Kiosk;
using EdgeGate.Testing;
using Microsoft.Playwright;

namespace EdgeGate.SystemTests.Kiosk;

/// <summary>The kiosk page in a real browser. Pictures of every face are left in the test output, folder <c>kiosk</c>.</summary>
public sealed class KioskPageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string FaceIs = "face => document.documentElement.dataset.face === face";

    /// <summary>
    /// A browser that plays nothing before a touch, and the path of each sound it played in <c>played</c>. Chromium does refuse so by itself, but
    /// whatever a test asks of a page counts as a touch.
    /// </summary>
    private const string BlocksSound = """
        window.played = [];
        let touched = false;
        addEventListener('pointerdown', () => { touched = true; }, { capture: true });
        const play = HTMLMediaElement.prototype.play;
        HTMLMediaElement.prototype.play = function () {
          return touched
            ? play.call(this).then(() => { window.played.push(new URL(this.src).pathname); })
            : Promise.reject(new DOMException('not before a touch', 'NotAllowedError'));
        };
        """;

    public static TheoryData<int, int, string> Screens { get; } = new()
    {
        { 480, 800, "zh" }, { 1080, 1920, "zh" }, { 1920, 1080, "zh" },
        { 480, 800, "en" }, // the longest words on the smallest screen
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => chromium.ClosePagesAsync();

    [SkippableTheory, MemberData(nameof(Screens))]
    public async Task Every_picture_fits_the_screen_in_words_symbol_and_contrast(int width, int height, string lang)
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        host.Corner = BusyCorner; // everything it can say, at its longest
        var (page, checks) = await OpenAsync(host, width, height, lang);
        await Assertions.Expect(page.Locator("aside")).ToContainTextAsync("128");
        var faults = new List<string>();

        foreach (var (name, view) in EveryView())
        {
            host.Board.Show(view);
            var message = KioskMessage.For(view);
            await page.WaitForFunctionAsync("title => document.querySelector('h1').textContent.includes(title)", message.Title.Zh);
            if (view.Reasons.Count == 0 || width == 480)
                await page.ScreenshotAsync(new() { Path = Picture($"{name}-{width}x{height}-{lang}"), Animations = ScreenshotAnimations.Disabled });

            Assert.Equal(message.Face, await page.EvaluateAsync<string>("document.documentElement.dataset.face"));
            foreach (var words in new[] { message.Title.Zh, message.Title.En, message.Advice.Zh, message.Advice.En })
                await Assertions.Expect(page.GetByText(words, new() { Exact = true })).ToBeVisibleAsync();
            foreach (var fault in await page.EvaluateAsync<string[]>(LayoutFaults.Script))
                faults.Add($"{name}: {fault}");
            if (width == 480 && lang == "zh" && view.Reasons.Count == 0)
                faults.AddRange(await checks.AxeFaultsAsync(name)); // of the page; that it fits is looked at above in each size
        }
        Assert.Empty(faults);
        Assert.Empty(checks.Complaints);
        Assert.InRange(await checks.BytesTransferredAsync(), 1, 150_000);
    }

    [SkippableFact]
    public async Task Each_face_has_its_own_colour_and_its_own_symbol()
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        var (page, _) = await OpenAsync(host);
        var colours = new HashSet<string>();
        var symbols = new HashSet<string>();

        foreach (var (_, view) in EveryView().DistinctBy(view => KioskMessage.For(view.View).Face))
        {
            host.Board.Show(view);
            await page.WaitForFunctionAsync(FaceIs, KioskMessage.For(view).Face);
            Assert.True(colours.Add(await page.EvaluateAsync<string>("getComputedStyle(document.documentElement).getPropertyValue('--ground')")));
            Assert.True(symbols.Add(await page.EvaluateAsync<string>("document.querySelector(document.querySelector('#symbol').getAttribute('href')).innerHTML")));
        }
    }

    [SkippableTheory, MemberData(nameof(Screens))]
    public async Task A_notice_stands_at_the_foot_and_covers_nothing_the_gate_says(int width, int height, string lang)
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        var (page, checks) = await OpenAsync(host, width, height, lang);
        host.Corner = BusyCorner;
        host.Board.Show(new KioskView(KioskFace.Idle));
        var longest = new Bilingual("今日上午十点至下午四点停水请各位住户提前储水备用", "No water from 10 am until 4 pm today, store some");
        Assert.Equal((NoticeCommand.LongestZh, NoticeCommand.LongestEn), (longest.Zh.Length, longest.En.Length));

        host.Board.Post(new KioskNotice(longest, NoticeRank.Operator, EndsAt: long.MaxValue));
        await Assertions.Expect(page.GetByText(longest.Zh)).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText(longest.En)).ToBeVisibleAsync();
        Assert.Empty(await page.EvaluateAsync<string[]>(LayoutFaults.Script));
        Assert.True(
            await page.EvaluateAsync<bool>(
                """
                () => {
                  const top = document.querySelector('#notice').getBoundingClientRect().top;
                  return ['.disc', '.person', 'h1', '.advice'].every(said => document.querySelector(said).getBoundingClientRect().bottom <= top);
                }
                """),
            "the notice covers what the gate says");
        await page.ScreenshotAsync(new() { Path = Picture($"notice-{width}x{height}-{lang}"), Animations = ScreenshotAnimations.Disabled });

        host.Board.Post(new KioskNotice(KioskWords.ThisIs("north-1"), NoticeRank.Identification, EndsAt: long.MaxValue));
        await Assertions.Expect(page.GetByText("This is gate north-1")).ToBeVisibleAsync();
        await page.ScreenshotAsync(new() { Path = Picture($"identify-{width}x{height}-{lang}"), Animations = ScreenshotAnimations.Disabled });
        Assert.Empty(checks.Complaints);
    }

    [SkippableFact]
    public async Task English_leads_when_the_address_asks_for_it_and_Chinese_stays()
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        var (page, _) = await OpenAsync(host, lang: "en");
        host.Board.Show(new KioskView(KioskFace.Granted));

        await Assertions.Expect(page.Locator("#title-first")).ToHaveTextAsync("Please go ahead");
        await Assertions.Expect(page.Locator("#title-first")).ToHaveAttributeAsync("lang", "en");
        await Assertions.Expect(page.Locator("#title-second")).ToHaveTextAsync("请通行");
    }

    [SkippableFact]
    public async Task A_page_whose_service_goes_away_says_so_and_recovers_when_it_is_back()
    {
        var first = await KioskHost.StartAsync(TimeProvider.System, version: "same");
        var (page, checks) = await OpenAsync(first);
        first.Board.Show(new KioskView(KioskFace.Granted) { MaskedName = "测**" });
        await Assertions.Expect(page.GetByText("请通行")).ToBeVisibleAsync();

        await first.DisposeAsync();
        await Assertions.Expect(page.GetByText("屏幕未更新")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Screen not up to date")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#name")).ToBeEmptyAsync();
        Assert.Empty(await page.EvaluateAsync<string[]>(LayoutFaults.Script));
        await page.ScreenshotAsync(new() { Path = Picture("stale-480x800-zh") });
        Assert.All(checks.Complaints, complaint => Assert.Contains("ERR_", complaint, StringComparison.Ordinal)); // the browser's own, about the lost connection

        await using var second = await KioskHost.StartAsync(TimeProvider.System, address: first.Address, version: "same");
        second.Board.Show(new KioskView(KioskFace.Idle));
        await Assertions.Expect(page.GetByText("请出示证件")).ToBeVisibleAsync();
    }

    [SkippableFact]
    public async Task A_connection_that_dies_without_a_word_is_noticed_and_replaced()
    {
        var stopped = new ManualTime(); // its heart never beats: open, and silent
        await using var host = await KioskHost.StartAsync(stopped);
        var (page, _) = await OpenAsync(host);
        host.Board.Show(new KioskView(KioskFace.Granted));
        await page.WaitForFunctionAsync(FaceIs, "granted");

        // The stale picture may stand for a few milliseconds only, until the new connection tells the view: so the page itself takes notes.
        await page.EvaluateAsync(
            """
            () => {
              const face = () => document.documentElement.dataset.face;
              window.faces = [face()];
              new MutationObserver(() => window.faces.push(face())).observe(document.documentElement, { attributes: true, attributeFilter: ["data-face"] });
            }
            """);
        await page.WaitForFunctionAsync("() => { const at = window.faces.indexOf('stale'); return at >= 0 && window.faces.indexOf('granted', at) > at; }");
    }

    [SkippableFact]
    public async Task A_page_of_an_older_service_loads_itself_anew_once()
    {
        var old = await KioskHost.StartAsync(TimeProvider.System, version: "old");
        var (page, _) = await OpenAsync(old);
        await old.DisposeAsync();

        await using var current = await KioskHost.StartAsync(TimeProvider.System, address: old.Address, version: "current");
        current.Board.Show(new KioskView(KioskFace.Idle));

        await page.WaitForFunctionAsync("() => document.documentElement.dataset.version === 'current'");
        await page.WaitForFunctionAsync(FaceIs, "idle");
    }

    [SkippableFact]
    public async Task A_page_that_is_refused_a_stream_tries_again()
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        var others = Enumerable.Range(0, KioskBoard.MaxWatchers).Select(_ => host.Board.TryWatch()!).ToList();
        var (page, _) = await OpenAsync(host, waitForPicture: false);
        await Assertions.Expect(page.GetByText("屏幕未更新")).ToBeVisibleAsync();

        others[0].Dispose();

        await page.WaitForFunctionAsync(FaceIs, "outOfService");
    }

    [SkippableTheory, MemberData(nameof(Screens))]
    public async Task By_night_an_unused_screen_is_dark_and_wanders_and_is_bright_when_somebody_comes(int width, int height, string lang)
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        host.Corner = BusyCorner with { Night = true };
        var (page, checks) = await OpenAsync(host, width, height, lang);
        host.Board.Show(new KioskView(KioskFace.Idle));
        await page.WaitForFunctionAsync("() => document.documentElement.hasAttribute('data-dark')");
        await page.ScreenshotAsync(new() { Path = Picture($"night-{width}x{height}-{lang}"), Animations = ScreenshotAnimations.Disabled });

        foreach (var (x, y) in new[] { (1, 0), (0, 1), (-1, 0), (0, -1) }) // wherever it has wandered to
        {
            await page.EvaluateAsync("place => { for (const axis of ['x', 'y']) document.documentElement.style.setProperty('--wander-' + axis, place[axis]); }", new { x, y });
            Assert.Empty(await page.EvaluateAsync<string[]>(LayoutFaults.Script));
        }
        host.Board.Show(new KioskView(KioskFace.Reading));
        await page.WaitForFunctionAsync("() => !document.documentElement.hasAttribute('data-dark')");
        Assert.Empty(checks.Complaints);
    }

    [SkippableFact]
    public async Task A_touch_or_a_key_changes_the_language_for_a_while()
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        var (page, _) = await OpenAsync(host);
        host.Board.Show(new KioskView(KioskFace.Idle));
        await Assertions.Expect(page.Locator("#title-first")).ToHaveTextAsync("请出示证件");

        await page.GetByRole(AriaRole.Button).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#title-first")).ToHaveTextAsync("Show your ID");
        await page.GetByRole(AriaRole.Button, new() { Name = "中文" }).ClickAsync();
        await Assertions.Expect(page.Locator("#title-first")).ToHaveTextAsync("请出示证件");
    }

    [SkippableFact]
    public async Task Sound_that_the_browser_blocks_is_said_and_the_first_touch_lets_the_gate_speak()
    {
        var (host, files) = await SpeakingHostAsync();
        await using var _ = host;
        using var __ = files;
        var (page, checks) = await OpenAsync(host, script: BlocksSound);
        host.Board.Show(new KioskView(KioskFace.Idle));
        await page.WaitForFunctionAsync(FaceIs, "idle");

        host.Board.Show(new KioskView(KioskFace.Granted) { Record = 1 });
        await Assertions.Expect(page.GetByText("声音未开启，请触摸屏幕")).ToBeVisibleAsync();
        await page.ScreenshotAsync(new() { Path = Picture("sound-blocked-480x800-zh"), Animations = ScreenshotAnimations.Disabled });

        await page.Locator("main").ClickAsync();
        await Assertions.Expect(page.GetByText("声音未开启，请触摸屏幕")).ToBeHiddenAsync();
        host.Board.Show(new KioskView(KioskFace.Granted) { Record = 2 }); // the next one, granted as well: said again
        await page.WaitForFunctionAsync("() => window.played.length === 1");
        Assert.Equal("/kiosk/voice/zh/pass.wav", await page.EvaluateAsync<string>("() => window.played[0]"));
        host.Board.Post(new KioskNotice(new Bilingual("今日停水", "No water"), NoticeRank.Operator, long.MaxValue)); // another picture, the same words
        await Assertions.Expect(page.GetByText("今日停水")).ToBeVisibleAsync();
        Assert.Equal(1, await page.EvaluateAsync<int>("() => window.played.length"));
        Assert.Empty(checks.Complaints);
    }

    [SkippableFact]
    public async Task Thousands_of_pictures_leave_nothing_behind_in_the_page()
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        host.Corner = BusyCorner;
        var (page, _) = await OpenAsync(host);
        var tools = await page.Context.NewCDPSessionAsync(page);
        await page.EvaluateAsync(
            """
            () => {
              window.drawn = 0;
              new MutationObserver(() => { window.drawn += 1; }).observe(document.querySelector('#name'), { childList: true });
            }
            """);
        await ShowUntilDrawnAsync(500);
        var (heapBefore, nodesBefore) = await MemoryAsync();
        await ShowUntilDrawnAsync(5000);
        var (heap, nodes) = await MemoryAsync();

        // 4,500 pictures more, a quiet day's: one small object kept of each would be a hundred kilobytes, one node of each 4,500.
        Assert.InRange(heap - heapBefore, long.MinValue, 100_000);
        Assert.InRange(nodes - nodesBefore, long.MinValue, 100);

        async Task ShowUntilDrawnAsync(int pictures)
        {
            for (var shown = 1; shown % 50 != 0 || await page.EvaluateAsync<int>("() => window.drawn") < pictures; shown++)
            {
                host.Board.Show(new KioskView(shown % 2 == 0 ? KioskFace.Granted : KioskFace.Reading) { Record = shown, MaskedName = $"测{shown}" });
                await Task.Delay(TimeSpan.FromTicks(1), TimeProvider.System); // a page that is slow skips pictures, as it should
            }
        }

        async Task<(long Heap, long Nodes)> MemoryAsync()
        {
            await tools.SendAsync("HeapProfiler.collectGarbage");
            var used = (await tools.SendAsync("Runtime.getHeapUsage"))!.Value.GetProperty("usedSize").GetDouble();
            return ((long)used, (await tools.SendAsync("Memory.getDOMCounters"))!.Value.GetProperty("nodes").GetInt64());
        }
    }

    [SkippableFact]
    public async Task Who_asked_for_less_motion_sees_none()
    {
        await using var host = await KioskHost.StartAsync(TimeProvider.System);
        var (page, _) = await OpenAsync(host);
        host.Board.Show(new KioskView(KioskFace.Idle));
        await page.WaitForFunctionAsync(FaceIs, "idle");
        const string Animations = "() => document.getAnimations().length";
        Assert.NotEqual(0, await page.EvaluateAsync<int>(Animations));

        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });

        Assert.Equal(0, await page.EvaluateAsync<int>(Animations));
    }

    private static KioskCorner BusyCorner { get; } = new(
        new Bilingual("今日开放 06:00–12:00, 13:30–22:00", "Open today 06:00–12:00, 13:30–22:00"), new Bilingual("在场 128/300 人", "128 of 300 inside"),
        [
            new KioskSign("clock", Well: true, new("时间准确", "Clock right")), new KioskSign("devices", Well: false, new("2 台设备故障", "2 devices down")),
            new KioskSign("link", Well: true, new("已联网", "Online")),
        ],
        Volume: 0, Night: false);

    private static IEnumerable<(string Name, KioskView View)> EveryView()
    {
        yield return ("idle", new KioskView(KioskFace.Idle));
        yield return ("reading", new KioskView(KioskFace.Reading));
        yield return ("gathering", new KioskView(KioskFace.Gathering));
        foreach (var wanted in Enum.GetValues<WantedEvidence>())
            yield return ($"gathering-{wanted}", new KioskView(KioskFace.Gathering) { Wanted = [wanted], MaskedName = wanted is WantedEvidence.Temperature ? "测**" : null, MeasuredFrom = 5 });
        yield return ("granted", new KioskView(KioskFace.Granted) { MaskedName = "测**", Temperature = Celsius.From(36.5m) });
        yield return ("granted-nameless", new KioskView(KioskFace.Granted));
        yield return ("denied", new KioskView(KioskFace.Denied) { MaskedName = "测**" });
        yield return ("seeGuard", new KioskView(KioskFace.SeeGuard) { MaskedName = "测****" });
        foreach (var reason in Enum.GetValues<DenyReason>())
            yield return ($"denied-{reason}", new KioskView(KioskFace.Denied) { Reasons = [reason], MaskedName = "测**", Temperature = Celsius.From(37.6m) });
        yield return ("outOfService", new KioskView(KioskFace.OutOfService));
        yield return ("closed", new KioskView(KioskFace.Closed));
        yield return ("free", new KioskView(KioskFace.Free));
    }

    private async Task<(IPage Page, PageChecks Checks)> OpenAsync(
        KioskHost host, int width = 480, int height = 800, string lang = "zh", bool waitForPicture = true, string script = "void 0")
    {
        var page = await chromium.NewPageAsync(width, height);
        var checks = new PageChecks(page);
        await page.AddInitScriptAsync(script);
        await page.GotoAsync(new Uri(host.Address, $"/kiosk?lang={lang}").ToString());
        if (waitForPicture)
            await page.WaitForFunctionAsync("() => document.documentElement.dataset.face !== 'stale'");
        return (page, checks);
    }

    /// <summary>With prompts of a tenth of a second of silence.</summary>
    private static async Task<(KioskHost Host, TemporaryVoice Files)> SpeakingHostAsync()
    {
        var files = new TemporaryVoice();
        var host = await KioskHost.StartAsync(TimeProvider.System, voice: files.Voice);
        host.Corner = BusyCorner with { Volume = 70 };
        return (host, files);
    }

    private static string Picture(string name) =>
        Path.Combine(AppContext.BaseDirectory, "kiosk", name.ToLower(CultureInfo.InvariantCulture) + ".png");
}

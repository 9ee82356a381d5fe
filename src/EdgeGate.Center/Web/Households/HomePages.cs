using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Center.Households;
using EdgeGate.Center.People;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Center.Web.People;
using EdgeGate.Center.Web.Registers;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Center.Web.Households;

/// <summary>The residents' page, for a phone: signed in by a pass and its PIN, about the own household only.</summary>
internal static class HomePages
{
    private const string SecureCookie = "__Host-home", LocalCookie = "home", SecureDeviceCookie = "__Host-home-phone", LocalDeviceCookie = "home-phone";
    private static readonly TimeSpan DeviceIsKnownFor = TimeSpan.FromDays(366);

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (access, view, files) = (services.GetRequiredService<HouseholdAccess>(), services.GetRequiredService<HouseholdView>(), services.GetRequiredService<PersonFiles>());
        var rates = new AddressRates(services.GetRequiredService<TimeProvider>());
        pages.MapOpenGet("/home", async visit => await access.FindAsync(CookieOf(visit), visit.Gone) is { } household
            ? await HomeAsync(visit, household, view, files, fault: null)
            : SignInPage(visit, fault: null));
        pages.MapOpenPost("/home/sign-in", (visit, form) => SignInAsync(visit, form, access, rates));
        Change("/home/sign-out", async (visit, _, _) =>
        {
            await access.SignOutAsync(CookieOf(visit), visit.Gone);
            SetCookie(visit, value: null);
            return null;
        });
        Change("/home/expect", async (visit, form, household) =>
        {
            var (name, kind) = (form["name"].ToString().Trim(), form["kind"].ToString());
            var what = Announcements.DeliveryKinds.Contains(kind) ? kind : null;
            return (what is not null || kind == Announcements.Visitor) && name.Length is > 0 and <= 64 && visit.LocalTime(form["from"].ToString()) is { } from && FormReading.Whole(form["hours"].ToString(), 1, 24) is { } hours
                && await view.ExpectAsync(household, what is null ? ExpectedKind.Visitor : ExpectedKind.Delivery, name, from, from.AddHours(hours), visit.Gone, what) is not null
                    ? null
                    : visit.Say($"没有登记：请填写称呼和时间（七天之内）；最多同时 {HouseholdView.MostExpected} 位，一天 {HouseholdView.MostADay} 位。", $"Not announced: give a name and a time within seven days; {HouseholdView.MostExpected} at once and {HouseholdView.MostADay} a day at most.");
        });
        Change("/home/cancel", async (visit, form, household) =>
            FormReading.Whole(form["expected"].ToString(), 1, int.MaxValue) is { } id && await view.CancelAsync(household, id, visit.Gone) ? null : visit.Say("没有这条登记。", "There is no such announcement."));
        Change("/home/measure", async (visit, form, household) =>
            PeopleWords.TemperatureOf(form) is not { } celsius ? PeopleWords.NoTemperature(visit)
            : FormReading.Whole(form["file"].ToString(), 1, int.MaxValue) is { } id && await files.MeasureAsync(
                id, new MeasureWords(celsius, ""), "household " + household.Unit, MeasureSource.Household, (household.Site, household.Unit), visit.Gone) ? null
            : visit.Say($"没有记录：档案未在观察中，或一天已满 {PersonFiles.MostOfHouseholdADay} 次。", $"Not kept: the file is not open, or {PersonFiles.MostOfHouseholdADay} were entered within a day."));

        // Signed in, from our own page with the session's token, or nothing happens.
        void Change(string path, Func<Visit, IFormCollection, Household, Task<string?>> change) => pages.MapOpenPost(path, async (visit, form) =>
        {
            if (await access.FindAsync(CookieOf(visit), visit.Gone) is not { } household
                || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(form[CenterPages.FormTokenField].ToString()), Encoding.ASCII.GetBytes(household.FormToken)))
                return Visit.Redirect("/home");
            return await change(visit, form, household) is { } fault ? await HomeAsync(visit, household, view, files, fault) : Visit.Redirect("/home", "done");
        });
    }

    private static string? CookieOf(Visit visit) => visit.Http.Request.Cookies[visit.Http.Request.IsHttps ? SecureCookie : LocalCookie];

    /// <param name="value">Null takes the cookie away.</param>
    private static void SetCookie(Visit visit, string? value)
    {
        var (name, options) = (visit.Http.Request.IsHttps ? SecureCookie : LocalCookie, CenterPages.CookieOptionsOf(visit.Http));
        if (value is null)
            visit.Http.Response.Cookies.Delete(name, options);
        else
            visit.Http.Response.Cookies.Append(name, value, options);
    }

    private static async Task<IResult> SignInAsync(Visit visit, IFormCollection form, HouseholdAccess access, AddressRates rates)
    {
        if (!rates.MayTryNow(visit.Http.Connection.RemoteIpAddress ?? IPAddress.None))
            return SignInPage(visit, visit.Say("尝试太多，请一分钟后再试。", "Too many tries; please try again in a minute."), StatusCodes.Status429TooManyRequests);
        var (pass, pin) = (form["pass"].ToString(), form["pin"].ToString().Trim());
        var deviceCookie = visit.Http.Request.IsHttps ? SecureDeviceCookie : LocalDeviceCookie;
        var client = new HouseholdClient(ClientAddress.NameOf(visit.Http.Connection.RemoteIpAddress ?? IPAddress.None), visit.Http.Request.Cookies[deviceCookie]);
        switch (pass.Length is > 0 and <= 2048 && pin.Length is > 0 and <= 12 ? await access.SignInAsync(pass, pin, client, visit.Gone) : new HouseholdSignIn.Wrong())
        {
            case HouseholdSignIn.Done(var cookie, var device):
                SetCookie(visit, cookie);
                var options = CenterPages.CookieOptionsOf(visit.Http);
                options.MaxAge = DeviceIsKnownFor;
                visit.Http.Response.Cookies.Append(deviceCookie, device, options);
                return Visit.Redirect("/home");
            case HouseholdSignIn.Locked(var until):
                return SignInPage(visit, visit.Say($"试错太多：{visit.Local(until):MM-dd HH:mm} 以后再试，或到服务台换新 PIN。", $"Too many wrong tries: again after {visit.Local(until):MM-dd HH:mm}, or get a new PIN at the desk."), StatusCodes.Status429TooManyRequests);
            default:
                return SignInPage(visit, visit.Say("编号或 PIN 不对。", "Number or PIN is wrong."), StatusCodes.Status401Unauthorized);
        }
    }

    private static IResult SignInPage(Visit visit, string? fault, int status = StatusCodes.Status200OK)
    {
        visit.Http.Response.Headers[CenterPages.PermissionsPolicy] = "camera=(self), microphone=(), geolocation=()";
        return visit.Page(visit.Say("住户", "Residents"), Html.Of(
            $"""
            <script type="module" src="/assets/camera.js"></script>
            <form method="post" action="/home/sign-in" class="card narrow">
              <label for="pass">{visit.Say("通行证编号，或扫码得到的文字", "The pass's number, or the text of its code")}</label><input id="pass" name="pass" autocomplete="username" autocapitalize="characters" spellcheck="false" maxlength="2048" required>
              <button type="button" data-scan="pass" aria-pressed="false" hidden>{visit.Say("扫描通行证", "Scan the pass")}</button>
              <label for="pin">PIN</label><input id="pin" name="pin" type="password" inputmode="numeric" autocomplete="current-password" maxlength="12" required>
              {PeopleWords.FaultLine(fault)}<button class="main">{visit.Say("进入", "Enter")}</button></form>
            """), status);
    }

    private static async Task<IResult> HomeAsync(Visit visit, Household household, HouseholdView view, PersonFiles files, string? fault)
    {
        var sight = await view.ReadAsync(household, visit.Gone);
        var observed = await files.OfHouseholdAsync(household.Site, household.Unit, visit.Gone);
        var token = Html.Of($"""<input type="hidden" name="{CenterPages.FormTokenField}" value="{household.FormToken}">""");
        return visit.Page(visit.Say($"{household.Unit} 住户", $"Household {household.Unit}"), Html.Of(
            $"""
            {PeopleWords.FaultLine(fault)}
            {sight.Notices.Select(notice => Html.Of($"""<p class="warn">{notice}</p>"""))}
            {observed.Select(person => MeasureForm(visit, token, person))}
            <section class="card" aria-labelledby="building"><h2 id="building">{visit.Say($"{household.Building} 栋", $"Building {household.Building}")}</h2>
              <p>{visit.Say("最近消毒", "Last disinfection")}: {(sight.DisinfectedAt is { } at ? visit.When(at, "MM-dd HH:mm") : Html.Of($"{visit.Say("没有记录", "none on record")}"))}</p>
              {sight.Deliveries.Select(delivery => Html.Of($"<p>{visit.Say("配送", "Delivery")} {(delivery.Slot is { } slot ? visit.Say($"{slot} 号位", $"at place {slot}") : "")} {DeliveryWord(visit, delivery.State)} {visit.When(delivery.At, "MM-dd HH:mm")}</p>"))}</section>
            {sight.Expected.Select(expected => ExpectedCard(visit, token, expected))}
            {ExpectForm(visit, token)}
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("通行记录", "Passages")}"><table><caption>{visit.Say($"本户近 {HouseholdView.Days} 天通行", $"This household's passages of {HouseholdView.Days} days")}</caption><thead><tr><th scope="col">{visit.Say("时间", "When")}</th><th scope="col">{visit.Say("谁", "Who")}</th><th scope="col">{visit.Say("门岗", "Gate")}</th><th scope="col">{visit.Say("结果", "Answer")}</th></tr></thead>
            <tbody>{sight.Passages.Select(passage => PassageRow(visit, passage))}{(sight.Passages.Count == 0 ? Html.Of($"""<tr><td colspan="4" class="empty">{visit.Say("没有", "None")}</td></tr>""") : Html.None)}</tbody></table></div>
            <p class="soft">{visit.Say("能打开本页的 PIN（有不是您的，请告诉服务台）：", "PINs that open this page (tell the desk if one is not yours):")} {sight.Pins.Select(given => Html.Of($"{visit.When(given.At, "MM-dd HH:mm")} {given.By}; "))}</p>
            <form method="post" action="/home/sign-out">{token}<p><button class="quiet">{visit.Say("退出", "Sign out")}</button></p></form>
            """), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static string DeliveryWord(Visit visit, string state) => state switch
    {
        "announced" => visit.Say("待到", "announced"),
        "arrived" => visit.Say("已到", "arrived"),
        "disinfected" => visit.Say("已消毒", "disinfected"),
        "collected" => visit.Say("已取", "collected"),
        "withdrawn" => visit.Say("已退回", "gone back"),
        _ => state,
    };

    private static Html MeasureForm(Visit visit, Html token, (long Id, string MaskedName, DateTimeOffset? LastMeasure, DateTimeOffset? MissingSince) person) => Html.Of(
        $"""
        <form method="post" action="/home/measure" class="card"><h2>{visit.Say("测温", "Measure")} {person.MaskedName}</h2>{token}<input type="hidden" name="file" value="{person.Id}">
          <p>{(person.MissingSince is { } due ? Html.Of($"""<span class="bad">{visit.Say("应于", "Was due at")} {visit.When(due, "MM-dd HH:mm")}</span>""") : Html.Of($"""<span class="soft">{visit.Say("最近", "Last")} {visit.When(person.LastMeasure, "MM-dd HH:mm")}</span>"""))}</p>
          {PeopleWords.TemperatureField(visit, $"celsius-{person.Id}")}<button class="main">{visit.Say("提交", "Send")}</button></form>
        """);

    private static string WhatWord(Visit visit, string? what) => what switch
    {
        "parcel" => visit.Say("包裹", "Parcel"),
        "meal" => visit.Say("外卖", "Meal"),
        "bulky" => visit.Say("大件", "Bulky goods"),
        null => visit.Say("访客", "Visitor"),
        _ => visit.Say("其他配送", "Another delivery"),
    };

    private static Html ExpectedCard(Visit visit, Html token, Expected expected) => expected.IsOver || expected.State is not (null or "announced") ? Html.Of(
        $"""<section class="card"><h2>{WhatWord(visit, expected.What ?? "other")} {expected.Name}</h2><p>{DeliveryWord(visit, expected.State!)}</p></section>""") : Html.Of(
        $"""
        <section class="card slip">{(expected.PassText is { } text ? QrPicture.Of(text, visit.Say($"{expected.Name}的通行码", $"The pass of {expected.Name}")) : Html.None)}
          <div><h2>{WhatWord(visit, expected.Kind is ExpectedKind.Visitor ? null : expected.What ?? "other")} {expected.Name}</h2><p>{visit.When(expected.From, "MM-dd HH:mm")} – {visit.When(expected.Until, "MM-dd HH:mm")}</p><p class="soft">{visit.Say("可通行两次，如进出各一次。门卫能看到", "Good for two passages, as once in and once out. Guards see it")}</p><p class="no-print"><button type="button" data-print>{visit.Say("打印", "Print")}</button></p>
          <form method="post" action="/home/cancel">{token}<input type="hidden" name="expected" value="{expected.Id}"><button class="danger">{visit.Say("取消", "Call off")}</button></form></div></section>
        """);

    private static Html ExpectForm(Visit visit, Html token) => Html.Of(
        $"""
        <form method="post" action="/home/expect" class="card"><h2>{visit.Say("登记访客或配送", "Announce a visitor or a delivery")}</h2>{token}
          <div class="row"><div><label for="kind">{visit.Say("类型", "Kind")}</label><select id="kind" name="kind"><option value="{Announcements.Visitor}">{WhatWord(visit, what: null)}</option>{Announcements.DeliveryKinds.Select(what => Html.Of($"""<option value="{what}">{WhatWord(visit, what)}</option>"""))}</select></div>
          <div><label for="name">{visit.Say("称呼", "Name")}</label><input id="name" name="name" maxlength="64" autocomplete="off" required></div>
          <div><label for="from">{visit.Say("自", "From")}</label><input id="from" name="from" type="datetime-local" value="{visit.LocalField(visit.Time.GetUtcNow())}" required></div>
          <div class="short"><label for="hours">{visit.Say("小时", "Hours")}</label><input id="hours" name="hours" inputmode="numeric" value="4" maxlength="2" required></div></div>
          <button class="main">{visit.Say("登记并生成通行码", "Announce and make the pass")}</button></form>
        """);

    private static Html PassageRow(Visit visit, HouseholdPassage passage) => Html.Of(
        $"""<tr><td>{visit.When(passage.At, "MM-dd HH:mm")}</td><td>{passage.MaskedName}</td><td>{passage.Gate} {(passage.Direction is Direction.Entry ? visit.Say("进", "in") : visit.Say("出", "out"))}</td><td>{(passage.Outcome is Outcome.Granted ? visit.Say("放行", "granted") : visit.Say("未放行", "not granted"))}</td></tr>""");

    /// <summary>Tries of one address, whatever passes they name: somebody who tries many passes once each is slowed too.</summary>
    private sealed class AddressRates(TimeProvider time)
    {
        private const int AtOnce = 20, MostAddresses = 4096;
        private static readonly TimeSpan OnePer = TimeSpan.FromSeconds(5);
        private readonly ConcurrentDictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);

        public bool MayTryNow(IPAddress from)
        {
            if (_buckets.Count >= MostAddresses)
                _buckets.Clear(); // everybody begins with a full one again: rare, and bounded
            var bucket = _buckets.GetOrAdd(ClientAddress.NameOf(from), _ => new TokenBucket(AtOnce, OnePer, time));
            lock (bucket)
                return bucket.TryTake();
        }
    }
}

using System.Globalization;
using System.Net;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Accounts;

/// <summary>Signing in and out, the language, and the own password.</summary>
internal static class AccountPages
{
    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (book, sessions, signIn) = (services.GetRequiredService<AccountBook>(), services.GetRequiredService<AccountSessions>(), services.GetRequiredService<SignIn>());
        pages.MapOpenGet("/sign-in", visit => Task.FromResult(SignInPage(visit, LocalPath(visit.Http.Request.Query["to"].ToString()))));
        pages.MapOpenPost("/sign-in", (visit, form) => SignInAsync(visit, form, signIn, sessions));
        pages.MapOpenPost("/language", (visit, form) =>
        {
            if (form["to"].ToString() is "zh" or "en")
                visit.Http.Response.Cookies.Append(Visit.LanguageCookie, form["to"].ToString(), CenterPages.CookieOptionsOf(visit.Http));
            return Task.FromResult(Visit.Redirect(LocalPath(form["back"].ToString())));
        });
        pages.MapPost("/sign-out", Permission.OwnAccount, async (visit, _) =>
        {
            await sessions.CloseAsync(CenterPages.CookieOf(visit.Http), visit.Gone);
            CenterPages.SetSessionCookie(visit.Http, null);
            return Visit.Redirect("/sign-in");
        }, PageSites.Independent);
        pages.MapGet("/", Permission.OwnAccount, _ => Task.FromResult(Visit.Redirect("/fleet")), PageSites.Independent);
        pages.MapGet("/account", Permission.OwnAccount, visit => Task.FromResult(OwnPage(visit, fault: null)), PageSites.Independent);
        pages.MapPost("/account/password", Permission.OwnAccount, (visit, form) => ChangePasswordAsync(visit, form, book, signIn, sessions), PageSites.Independent);
    }

    private static async Task<IResult> SignInAsync(Visit visit, IFormCollection form, SignIn signIn, AccountSessions sessions)
    {
        var to = LocalPath(form["to"].ToString());
        var answer = form["account"].ToString().Trim().ToLowerInvariant() is { Length: > 0 and <= 64 } id && form["password"].ToString() is { Length: > 0 and <= AccountPassword.Longest } password
            ? await signIn.CheckAsync(id, password, CenterPages.BrowserCookieOf(visit.Http, id), visit.Http.Connection.RemoteIpAddress ?? IPAddress.None, visit.Gone)
            : new SignInAnswer.Wrong();
        switch (answer)
        {
            case SignInAnswer.Right(var account, var browser):
                CenterPages.SetSessionCookie(visit.Http, await sessions.OpenAsync(account, visit.Gone));
                CenterPages.SetBrowserCookie(visit.Http, account.Id, browser);
                return Visit.Redirect(to);
            case SignInAnswer.Wait(var wait):
                return SignInPage(visit, to, Waiting(visit, wait), StatusCodes.Status429TooManyRequests);
            default:
                return SignInPage(visit, to, visit.Say("账号或密码不对。", "Account or password is wrong."), StatusCodes.Status401Unauthorized);
        }
    }

    private static async Task<IResult> ChangePasswordAsync(Visit visit, IFormCollection form, AccountBook book, SignIn signIn, AccountSessions sessions)
    {
        var fresh = form["new"].ToString();
        if (AccountPassword.Fault(fresh) is { } fault)
            return OwnPage(visit, visit.Say($"新密码不能用：至少 {AccountPassword.Shortest} 个字符，其中五个不同。", $"The new password cannot be used: {fault}."));
        switch (await signIn.CheckAsync(visit.Session.Account, form["old"].ToString(), CenterPages.BrowserCookieOf(visit.Http, visit.Session.Account), visit.Http.Connection.RemoteIpAddress ?? IPAddress.None, visit.Gone))
        {
            case SignInAnswer.Right:
                await book.ResetAsync(visit.Session.Account, fresh, visit.Gone);
                if (await book.FindAsync(visit.Session.Account, visit.Gone) is { } account)
                {
                    CenterPages.SetSessionCookie(visit.Http, await sessions.OpenAsync(account, visit.Gone)); // all others of the account are over
                    CenterPages.SetBrowserCookie(visit.Http, account.Id, SignIn.NewBrowser(account));
                }
                return Visit.Redirect("/account", "password-changed");
            case SignInAnswer.Wait(var wait):
                return OwnPage(visit, Waiting(visit, wait));
            default:
                return OwnPage(visit, visit.Say("旧密码不对。", "The old password is wrong."));
        }
    }

    private static IResult SignInPage(Visit visit, string to, string? fault = null, int status = StatusCodes.Status200OK) => visit.Page(visit.Say("登录", "Sign in"), Html.Of(
        $"""
        <form method="post" action="/sign-in" class="card narrow">
          <input type="hidden" name="to" value="{to}">
          <label for="account">{visit.Say("账号", "Account")}</label>
          <input id="account" name="account" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
          <label for="password">{visit.Say("密码", "Password")}</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required>
          {FaultLine(fault)}
          <button class="main">{visit.Say("登录", "Sign in")}</button>
        </form>
        """), status);

    private static IResult OwnPage(Visit visit, string? fault) => visit.Page(visit.Say("我的账号", "My account"), Html.Of(
        $"""
        <p>{visit.Session.Account}, {CenterWords.Of(visit, visit.Session.Role)}, {(visit.Session.Sites is { } sites ? visit.Say("限于：", "limited to ") + string.Join(", ", sites) : visit.Say("全部小区", "all sites"))}</p>
        <form method="post" action="/account/password" class="card narrow">
          <h2>{visit.Say("更改密码", "Change the password")}</h2>
          {visit.FormToken}
          <label for="old">{visit.Say("旧密码", "Old password")}</label>
          <input id="old" name="old" type="password" autocomplete="current-password" required>
          <label for="new">{visit.Say("新密码", "New password")}</label>
          <input id="new" name="new" type="password" autocomplete="new-password" minlength="{AccountPassword.Shortest}" maxlength="{AccountPassword.Longest}" required>
          {FaultLine(fault)}
          <button class="main">{visit.Say("更改", "Change")}</button>
        </form>
        """), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private static Html FaultLine(string? fault) => fault is null ? Html.None : Html.Of($"""<p class="fault" role="alert">{fault}</p>""");

    private static string Waiting(Visit visit, TimeSpan wait)
    {
        var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        visit.Http.Response.Headers.RetryAfter = seconds;
        return visit.Say($"试错太多，请等 {seconds} 秒。", $"Too many tries; please wait {seconds} s.");
    }

    /// <summary>A way inside this site, whatever an address says: never one to another.</summary>
    private static string LocalPath(string path) =>
        path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\') && !path.Any(char.IsControl) ? path : "/";
}

using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.Center.Web.Accounts;

/// <summary>What came of a sign-in.</summary>
internal abstract record SignInAnswer
{
    /// <param name="Browser">By which this browser is known the next time; kept nowhere.</param>
    public sealed record Right(Account Account, string Browser) : SignInAnswer;

    /// <summary>Does not say whether there is such an account.</summary>
    public sealed record Wrong : SignInAnswer;

    public sealed record Wait(TimeSpan For) : SignInAnswer;
}

/// <summary>
/// Who may sign in. Who may not try is refused before anything is computed. A browser in which the account has signed in before has tries of its own, so that who guesses elsewhere keeps nobody
/// out. Tries are counted in this process: with several, a guesser has as many times five.
/// </summary>
internal sealed partial class SignIn(AccountBook book, TimeProvider time, ILogger<SignIn> log) : IDisposable
{
    /// <summary>Accounts that do not exist share so many names: waiting for them must look the same and must not fill the memory.</summary>
    private const int UnknownNames = 256;

    private readonly SecretCheck _check = new();
    private readonly LockOut _accounts = new(freeTries: 5, most: 4096, time);
    private readonly LockOut _addresses = new(freeTries: 10, most: 4096, time);
    private readonly LockOut _browsers = new(freeTries: 5, most: 1024, time);

    /// <param name="browser">What an earlier sign-in to this account left in the browser; null when there is nothing.</param>
    public async Task<SignInAnswer> CheckAsync(string id, string password, string? browser, IPAddress from, CancellationToken cancellationToken)
    {
        var account = await book.FindAsync(id, cancellationToken);
        return account is not null && BrowsersOf(account).NameOf(browser, account.Id) is { } known
            ? await CheckAsync(account, password, browser, from, isKnown: true, cancellationToken, (_browsers, known))
            : await CheckAsync(
                account, password, browser: null, from, isKnown: false, cancellationToken,
                (_accounts, account is not null ? id : $"?{(uint)id.GetHashCode(StringComparison.Ordinal) % UnknownNames}"), (_addresses, ClientAddress.NameOf(from)));
    }

    private async Task<SignInAnswer> CheckAsync(
        Account? account, string password, string? browser, IPAddress from, bool isKnown, CancellationToken cancellationToken, params (LockOut Tries, string Name)[] counts)
    {
        var wait = counts.Max(count => count.Tries.WaitOf(count.Name));
        if (wait > TimeSpan.Zero || !counts.All(count => count.Tries.TryBegin(count.Name)))
            return new SignInAnswer.Wait(wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(30));
        if (await _check.FitsAsync(password, account?.Hash ?? SecretHash.OfNobody, isKnown, cancellationToken) is not { } fits)
            return new SignInAnswer.Wait(TimeSpan.FromSeconds(1));
        if (!fits || account is null)
        {
            LogRefused(account?.Id ?? "(no such account)", from);
            return new SignInAnswer.Wrong();
        }
        foreach (var (tries, name) in counts)
            tries.Succeeded(name);
        return new SignInAnswer.Right(account, browser ?? NewBrowser(account));
    }

    /// <summary>What a browser gets in which somebody signs in to the account.</summary>
    public static string NewBrowser(Account account) => BrowsersOf(account).NewCookie(account.Id);

    /// <summary>
    /// The key is made from the hash of the password: every process of the center has it, nobody outside, and another password makes each browser a stranger.
    /// Nothing can be guessed from a cookie, since the hash has a salt.
    /// </summary>
    private static KnownDevices BrowsersOf(Account account) => new(HMACSHA256.HashData(Encoding.UTF8.GetBytes(account.Hash), "center browsers"u8));

    public void Dispose() => _check.Dispose();

    // What was typed as an account that does not exist is not logged: it may be a password in the wrong field.
    [LoggerMessage(LogLevel.Warning, "Sign-in of {Account} refused: wrong password, from {Address}")]
    private partial void LogRefused(string account, IPAddress address);
}

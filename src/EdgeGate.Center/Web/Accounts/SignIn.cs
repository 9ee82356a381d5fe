using System.Net;

namespace EdgeGate.Center.Web.Accounts;

/// <summary>What came of a sign-in.</summary>
internal abstract record SignInAnswer
{
    public sealed record Right(Account Account) : SignInAnswer;

    /// <summary>Does not say whether there is such an account.</summary>
    public sealed record Wrong : SignInAnswer;

    public sealed record Wait(TimeSpan For) : SignInAnswer;
}

/// <summary>
/// Checks passwords, one at a time: a check costs a tenth of a second of processor on purpose, and ingest needs the rest. Who may not try is
/// refused before anything is computed. Tries are counted in this process: with several, a guesser has as many times five.
/// </summary>
internal sealed partial class SignIn(AccountBook book, TimeProvider time, ILogger<SignIn> log) : IDisposable
{
    private const int MostWaiting = 4;

    /// <summary>Accounts that do not exist share so many names: waiting for them must look the same and must not fill the memory.</summary>
    private const int UnknownNames = 256;

    private readonly SemaphoreSlim _checking = new(1);
    private readonly LockOut _accounts = new(freeTries: 5, most: 4096, time);
    private readonly LockOut _addresses = new(freeTries: 10, most: 4096, time);
    private int _waiting;

    public async Task<SignInAnswer> CheckAsync(string id, string password, IPAddress from, CancellationToken cancellationToken)
    {
        var account = await book.FindAsync(id, cancellationToken);
        var name = account is not null ? id : $"?{(uint)id.GetHashCode(StringComparison.Ordinal) % UnknownNames}";
        var address = ClientAddress.NameOf(from);
        var wait = TimeSpan.FromTicks(Math.Max(_accounts.WaitOf(name).Ticks, _addresses.WaitOf(address).Ticks));
        if (wait > TimeSpan.Zero || !_accounts.TryBegin(name) || !_addresses.TryBegin(address))
            return new SignInAnswer.Wait(wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(30));
        if (await FitsAsync(password, account?.Hash ?? SecretHash.OfNobody, cancellationToken) is not { } fits)
            return new SignInAnswer.Wait(TimeSpan.FromSeconds(1));
        if (!fits || account is null)
        {
            LogRefused(account?.Id ?? "(no such account)", from);
            return new SignInAnswer.Wrong();
        }
        _accounts.Succeeded(name);
        _addresses.Succeeded(address);
        return new SignInAnswer.Right(account);
    }

    public void Dispose() => _checking.Dispose();

    /// <returns>Null when too many wait already.</returns>
    private async Task<bool?> FitsAsync(string password, string hash, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MostWaiting + 1)
                return null;
            await _checking.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(() => SecretHash.Fits(password, hash), CancellationToken.None);
            }
            finally
            {
                _checking.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    // What was typed as an account that does not exist is not logged: it may be a password in the wrong field.
    [LoggerMessage(LogLevel.Warning, "Sign-in of {Account} refused: wrong password, from {Address}")]
    private partial void LogRefused(string account, IPAddress address);
}

using System.Net;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.GuardPost.Guards;

/// <summary>What came of a sign-in, or of a supervisor's PIN.</summary>
internal abstract record SignInAnswer
{
    public sealed record Right(Guard Guard) : SignInAnswer;

    /// <summary>Does not say whether there is such an account.</summary>
    public sealed record Wrong : SignInAnswer;

    public sealed record Wait(TimeSpan For) : SignInAnswer;
}

/// <summary>
/// Checks PINs and passwords, one at a time: a check costs a tenth of a second of processor on purpose, and the lanes need the rest. Who may
/// not try is refused before anything is computed.
/// </summary>
internal sealed class SignIn(GuardBook book, KnownDevices phones, RefusedSignInCounts refused, TimeProvider time) : IDisposable
{
    /// <summary>Those that wait for their turn behind the one that is checked: strangers never take the places of guards' own phones.</summary>
    private const int MostWaiting = 4, MostWaitingOfKnown = 8;

    /// <summary>Accounts that do not exist share so many names: waiting for them must look the same and must not fill the memory.</summary>
    private const int UnknownNames = 256;

    private readonly SemaphoreSlim _checking = new(1);
    private readonly LockOut _guards = new(freeTries: 5, most: GuardBook.Most + UnknownNames, time);
    private readonly LockOut _addresses = new(freeTries: 10, most: 4096, time);
    private readonly LockOut _phones = new(freeTries: 5, most: 1024, time);
    private int _waiting;

    /// <param name="phone">The cookie of <see cref="KnownDevices"/>; null when there is none.</param>
    public Task<SignInAnswer> CheckAsync(string id, string secret, string? phone, IPAddress from, CancellationToken cancellationToken)
    {
        var known = book.TryFind(id, out var guard);
        // A guard's own phone has tries of its own; strangers share those of the account and of their address.
        return known && phones.NameOf(phone, guard!.PhoneOwner) is { } nonce
            ? CheckAsync(guard, secret, MostWaitingOfKnown, cancellationToken, (_phones, nonce))
            : CheckAsync(guard, secret, MostWaiting, cancellationToken, (_addresses, ClientAddress.NameOf(from)), (_guards, known ? id : $"?{(uint)id.GetHashCode(StringComparison.Ordinal) % UnknownNames}"));
    }

    /// <summary>A supervisor's PIN on the phone of a guard who is signed in: the tries are that guard's, so that no stranger can use them up.</summary>
    public Task<SignInAnswer> ApproveAsync(string supervisor, string secret, GuardSession session, CancellationToken cancellationToken) =>
        CheckAsync(book.TryFind(supervisor, out var guard) ? guard : null, secret, MostWaitingOfKnown, cancellationToken, (_phones, $"approval {session.Guard}"));

    private async Task<SignInAnswer> CheckAsync(Guard? guard, string secret, int mostWaiting, CancellationToken cancellationToken, params (LockOut Tries, string Name)[] counts)
    {
        var wait = counts.Max(count => count.Tries.WaitOf(count.Name));
        if (wait > TimeSpan.Zero || !counts.All(count => count.Tries.TryBegin(count.Name)))
        {
            refused.Count(guard?.Id, SignInRefusal.LockedOut);
            return new SignInAnswer.Wait(wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(30));
        }
        if (await FitsAsync(secret, guard?.Hash ?? SecretHash.OfNobody, mostWaiting, cancellationToken) is not { } fits)
        {
            refused.Count(guard?.Id, SignInRefusal.TooMany);
            return new SignInAnswer.Wait(TimeSpan.FromSeconds(1));
        }
        if (!fits || guard is null)
        {
            refused.Count(guard?.Id, guard is null ? SignInRefusal.UnknownGuard : SignInRefusal.WrongSecret);
            return new SignInAnswer.Wrong();
        }
        foreach (var (tries, name) in counts)
            tries.Succeeded(name);
        return new SignInAnswer.Right(guard);
    }

    public void Dispose() => _checking.Dispose();

    /// <returns>Null when too many wait already.</returns>
    private async Task<bool?> FitsAsync(string secret, string hash, int mostWaiting, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > mostWaiting + 1)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }
        try
        {
            await _checking.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(() => SecretHash.Fits(secret, hash), CancellationToken.None);
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
}

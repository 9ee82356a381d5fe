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

/// <summary>Who may sign in, and whose PIN approves. Who may not try is refused before anything is computed.</summary>
internal sealed class SignIn(GuardBook book, KnownDevices phones, RefusedSignInCounts refused, TimeProvider time) : IDisposable
{
    /// <summary>Accounts that do not exist share so many names: waiting for them must look the same and must not fill the memory.</summary>
    private const int UnknownNames = 256;

    private readonly SecretCheck _check = new();
    private readonly LockOut _guards = new(freeTries: 5, most: GuardBook.Most + UnknownNames, time);
    private readonly LockOut _addresses = new(freeTries: 10, most: 4096, time);
    private readonly LockOut _phones = new(freeTries: 5, most: 1024, time);

    /// <param name="phone">The cookie of <see cref="KnownDevices"/>; null when there is none.</param>
    public Task<SignInAnswer> CheckAsync(string id, string secret, string? phone, IPAddress from, CancellationToken cancellationToken)
    {
        var known = book.TryFind(id, out var guard);
        // A guard's own phone has tries of its own; strangers share those of the account and of their address.
        return known && phones.NameOf(phone, guard!.PhoneOwner) is { } nonce
            ? CheckAsync(guard, secret, isKnown: true, cancellationToken, (_phones, nonce))
            : CheckAsync(guard, secret, isKnown: false, cancellationToken, (_addresses, ClientAddress.NameOf(from)), (_guards, known ? id : $"?{(uint)id.GetHashCode(StringComparison.Ordinal) % UnknownNames}"));
    }

    /// <summary>A supervisor's PIN on the phone of a guard who is signed in: the tries are that guard's, so that no stranger can use them up.</summary>
    public Task<SignInAnswer> ApproveAsync(string supervisor, string secret, GuardSession session, CancellationToken cancellationToken) =>
        CheckAsync(book.TryFind(supervisor, out var guard) ? guard : null, secret, isKnown: true, cancellationToken, (_phones, $"approval {session.Guard}"));

    private async Task<SignInAnswer> CheckAsync(Guard? guard, string secret, bool isKnown, CancellationToken cancellationToken, params (LockOut Tries, string Name)[] counts)
    {
        var wait = counts.Max(count => count.Tries.WaitOf(count.Name));
        if (wait > TimeSpan.Zero || !counts.All(count => count.Tries.TryBegin(count.Name)))
        {
            refused.Count(guard?.Id, SignInRefusal.LockedOut);
            return new SignInAnswer.Wait(wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(30));
        }
        if (await _check.FitsAsync(secret, guard?.Hash ?? SecretHash.OfNobody, isKnown, cancellationToken) is not { } fits)
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

    public void Dispose() => _check.Dispose();
}

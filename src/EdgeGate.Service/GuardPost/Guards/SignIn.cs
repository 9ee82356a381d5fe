using System.Net;
using System.Net.Sockets;
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
internal sealed class SignIn(GuardBook book, KnownPhones phones, RefusedSignInCounts refused, TimeProvider time) : IDisposable
{
    /// <summary>Those that wait for their turn behind the one that is checked.</summary>
    private const int MostWaiting = 4;

    /// <summary>Accounts that do not exist share so many names: waiting for them must look the same and must not fill the memory.</summary>
    private const int UnknownNames = 256;

    private readonly SemaphoreSlim _checking = new(1);
    private readonly LockOut _guards = new(freeTries: 5, most: GuardBook.Most + UnknownNames, time);
    private readonly LockOut _addresses = new(freeTries: 10, most: 4096, time);
    private readonly LockOut _phones = new(freeTries: 5, most: 1024, time);
    private int _waiting;

    /// <param name="phone">The cookie of <see cref="KnownPhones"/>; null when there is none.</param>
    public async Task<SignInAnswer> CheckAsync(string id, string secret, string? phone, IPAddress from, CancellationToken cancellationToken)
    {
        var known = book.TryFind(id, out var guard);
        // A guard's own phone has tries of its own; strangers share those of the account and of their address.
        (LockOut Tries, string Name)[] counts = known && phones.NameOf(phone, guard!) is { } nonce
            ? [(_phones, nonce)]
            : [(_addresses, NameOf(from)), (_guards, known ? id : $"?{(uint)id.GetHashCode(StringComparison.Ordinal) % UnknownNames}")];
        var wait = counts.Max(count => count.Tries.WaitOf(count.Name));
        if (wait > TimeSpan.Zero || !counts.All(count => count.Tries.TryBegin(count.Name)))
        {
            refused.Count(known ? id : null, SignInRefusal.LockedOut);
            return new SignInAnswer.Wait(wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(30));
        }
        if (await FitsAsync(secret, guard?.Hash ?? SecretHash.OfNobody, cancellationToken) is not { } fits)
        {
            refused.Count(known ? id : null, SignInRefusal.TooMany);
            return new SignInAnswer.Wait(TimeSpan.FromSeconds(1));
        }
        if (!fits || !known)
        {
            refused.Count(known ? id : null, known ? SignInRefusal.WrongSecret : SignInRefusal.UnknownGuard);
            return new SignInAnswer.Wrong();
        }
        foreach (var (tries, name) in counts)
            tries.Succeeded(name);
        return new SignInAnswer.Right(guard!);
    }

    public void Dispose() => _checking.Dispose();

    /// <returns>Null when too many wait already.</returns>
    private async Task<bool?> FitsAsync(string secret, string hash, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting + 1)
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

    /// <summary>One household's IPv6 network is one address: its devices make up as many of their own as they like.</summary>
    private static string NameOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4().ToString();
        return address.AddressFamily is AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }
}

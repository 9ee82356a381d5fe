namespace EdgeGate.Web;

/// <summary>
/// Checks PINs and passwords one at a time, for a check costs a tenth of a second of processor on purpose and the rest is for others. How many wait for their turn is
/// bounded, and strangers never take the places of devices that are known.
/// </summary>
public sealed class SecretCheck : IDisposable
{
    private const int MostWaiting = 4, MostWaitingOfKnown = 8;

    private readonly SemaphoreSlim _checking = new(1);
    private int _waiting;

    /// <param name="hash">As from <see cref="SecretHash.Of"/>.</param>
    /// <param name="isKnown">Whether whoever asks does it from a device that has signed in before.</param>
    /// <returns>Null when too many wait already.</returns>
    public async Task<bool?> FitsAsync(string secret, string hash, bool isKnown, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > (isKnown ? MostWaitingOfKnown : MostWaiting) + 1)
                return null;
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

    public void Dispose() => _checking.Dispose();
}

using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace EdgeGate.Service.GuardPost.Http;

/// <summary>
/// Bounds how many connections one address of the local network may hold open: else anybody could take every place there is, by
/// connecting and saying nothing.
/// </summary>
internal sealed class ConnectionsPerAddress
{
    /// <summary>A browser opens six, and a phone may be reloaded before the old ones are gone.</summary>
    public const int Most = 24;

    private readonly ConcurrentDictionary<IPAddress, int> _open = new();

    /// <summary>All of them together.</summary>
    public int Open => _open.Values.Sum();

    public ConnectionDelegate Bound(ConnectionDelegate next) => async connection =>
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        try
        {
            if (_open.AddOrUpdate(address, 1, (_, count) => count + 1) <= Most)
                await next(connection);
        }
        finally
        {
            if (_open.AddOrUpdate(address, 0, (_, count) => count - 1) == 0)
                _open.TryRemove(KeyValuePair.Create(address, 0));
        }
    };
}

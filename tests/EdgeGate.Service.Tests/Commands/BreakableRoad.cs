using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using EdgeGate.Mqtt;

namespace EdgeGate.Service.Tests.Commands;

/// <summary>A loopback port that leads to a broker until it is broken, and again when it is mended.</summary>
internal sealed class BreakableRoad : IAsyncDisposable
{
    private readonly TcpListener _entrance = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> _ends = [];
    private readonly int _broker;
    private readonly Task _accepting;
    private volatile bool _broken;

    public BreakableRoad(int broker)
    {
        _broker = broker;
        _entrance.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_entrance.LocalEndpoint).Port;

    /// <summary>Returns when the link has noticed.</summary>
    public async Task BreakAsync(MqttLink link)
    {
        _broken = true;
        CloseAll();
        await Patience.Until(() => link.State.Phase is not MqttLinkPhase.Online);
    }

    public void Mend() => _broken = false;

    public async ValueTask DisposeAsync()
    {
        _entrance.Stop();
        CloseAll();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var near = await _entrance.AcceptTcpClientAsync();
            if (_broken)
            {
                near.Dispose();
                continue;
            }
            var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, _broker);
            _ends.Add(near);
            _ends.Add(far);
            _ = PassOnAsync(near, far);
            _ = PassOnAsync(far, near);
        }
    }

    private static async Task PassOnAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // the road was broken
        }
        from.Dispose();
        to.Dispose();
    }

    private void CloseAll()
    {
        while (_ends.TryTake(out var end))
            end.Dispose();
    }
}

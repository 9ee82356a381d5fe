using System.Net;
using System.Net.Sockets;

namespace EdgeGate.Service.Demo;

/// <summary>
/// The network between the gate and the broker: a loopback port that passes bytes on. Cut, it swallows them and tells nobody, as a
/// switch without power does; neither end learns of it but by silence.
/// </summary>
internal sealed class CutWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _brokerPort;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _whole = Whole();

    public CutWire(int brokerPort)
    {
        _brokerPort = brokerPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public void Cut() => _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was under way in a connection that neither end has given up goes on, as TCP would send it again.</summary>
    public void Mend() => _whole.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private static TaskCompletionSource Whole()
    {
        var whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        whole.SetResult();
        return whole;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ConnectAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ConnectAsync(TcpClient gate)
    {
        using var near = gate;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await _whole.Task.WaitAsync(_stop.Token);
            await far.ConnectAsync(IPAddress.Loopback, _brokerPort, _stop.Token);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var first = await Task.WhenAny(PumpAsync(near, far, ended.Token), PumpAsync(far, near, ended.Token));
            await ended.CancelAsync();
            await first;
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // one end is gone; closing tells the other
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, CancellationToken stop)
    {
        var buffer = new byte[16 * 1024];
        while (await from.GetStream().ReadAsync(buffer, stop) is var read and > 0)
        {
            await _whole.Task.WaitAsync(stop);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), stop);
        }
        await _whole.Task.WaitAsync(stop); // that the other end hung up does not come through a cut wire either
    }
}

using System.Net.ServerSentEvents;
using System.Text.Json;

namespace EdgeGate.Service.Demo;

/// <summary>
/// The eyes of the simulated people: they look at the kiosk as a browser does and act on what it shows. When the gate is away
/// they see nothing, and look again.
/// </summary>
internal sealed class KioskEyes(Uri kiosk, TimeProvider time) : IAsyncDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = kiosk, Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Seen)> _watched = [];
    private string? _face;
    private Task _looking = Task.CompletedTask;

    public void Open() => _looking = LookAsync();

    /// <returns>
    /// The first face, from the call on, that <paramref name="wanted"/> says yes to, however short it stood there; null when it did not come within the time.
    /// </returns>
    public async Task<string?> SeeAsync(Func<string, bool> wanted, TimeSpan within, CancellationToken cancellationToken)
    {
        var watched = (wanted, Seen: new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_face is { } face && wanted(face))
                return face;
            _watched.Add(watched);
        }
        try
        {
            return await watched.Seen.Task.WaitAsync(within, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            lock (_lock) _watched.Remove(watched);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _looking;
        _http.Dispose();
        _closing.Dispose();
    }

    private async Task LookAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await using var stream = await _http.GetStreamAsync("/kiosk/events", _closing.Token);
                await foreach (var item in SseParser.Create(stream).EnumerateAsync(_closing.Token))
                {
                    if (item.EventType == SseParser.EventTypeDefault)
                        Saw(JsonDocument.Parse(item.Data).RootElement.GetProperty("face").GetString());
                }
            }
            catch (Exception away) when (away is HttpRequestException or IOException or OperationCanceledException)
            {
                Saw(null);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal void Saw(string? face)
    {
        lock (_lock)
        {
            _face = face;
            if (face is null)
                return;
            foreach (var (wanted, seen) in _watched)
            {
                if (wanted(face))
                    seen.TrySetResult(face);
            }
        }
    }
}

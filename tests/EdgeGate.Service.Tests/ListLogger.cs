using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace EdgeGate.Service.Tests;

/// <summary>Keeps every line that was logged, exceptions included.</summary>
internal sealed class ListLogger<T> : ILogger<T>
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Channel<string> _news = Channel.CreateUnbounded<string>();

    public IReadOnlyCollection<string> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{logLevel}: {formatter(state, exception)} {exception}";
        _lines.Enqueue(line);
        _news.Writer.TryWrite(line);
    }

    /// <summary>The next line, among those not heard yet, that contains this.</summary>
    public async Task<string> HearAsync(string part)
    {
        while (true)
        {
            var line = await _news.Reader.ReadAsync().InTime();
            if (line.Contains(part, StringComparison.Ordinal))
                return line;
        }
    }
}

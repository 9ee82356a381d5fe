using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace EdgeGate.Web;

/// <summary>One line a message: time, level, part, words; of an exception type and message, and its trace only when the process ends of it.</summary>
public sealed class LineLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        ArgumentNullException.ThrowIfNull(textWriter);
        var level = logEntry.LogLevel switch
        {
            LogLevel.Information => "     ",
            LogLevel.Warning => "WARN ",
            LogLevel.Error => "ERROR",
            LogLevel.Critical => "FATAL",
            _ => "debug",
        };
        textWriter.Write($"{time.GetLocalNow():HH:mm:ss.fff} {level} {logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..]}: {logEntry.Formatter(logEntry.State, null)}");
        for (var cause = logEntry.Exception; cause is not null; cause = cause.InnerException)
            textWriter.Write($" <- {cause.GetType().Name}: {cause.Message}");
        textWriter.WriteLine();
        if (logEntry is { Exception: { } exception, LogLevel: LogLevel.Critical })
            textWriter.WriteLine(exception.StackTrace);
    }
}

using System.Diagnostics;
using System.Text.Json;

namespace EdgeGate.Benchmarks.Measuring;

/// <summary>This program again in a process of its own, where memory and a cold start belong to nobody else. Its last line is its result.</summary>
internal static class Probe
{
    public static async Task<T> RunAsync<T>(CancellationToken cancellationToken, params string[] arguments)
    {
        var self = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(Probe).Assembly.Location] : [];
        using var process = Process.Start(new ProcessStartInfo(self, [.. program, .. arguments]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            var said = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {process.ExitCode}: {said}");
            return JsonSerializer.Deserialize<T>(said.TrimEnd().Split('\n')[^1])!;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    public static void Answer<T>(T result) => Console.WriteLine(JsonSerializer.Serialize(result));
}

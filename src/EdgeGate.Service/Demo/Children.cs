using System.Collections.Concurrent;
using System.Diagnostics;

namespace EdgeGate.Service.Demo;

/// <summary>Child processes of the demo: they end with it, also when it is killed.</summary>
internal static class Children
{
    private const string SetPriv = "/usr/bin/setpriv";
    private static readonly BlockingCollection<Action> Births = StartMother();

    public static Process Start(string program, params IEnumerable<string> arguments) => Start([], program, arguments);

    /// <param name="environment">Set beside what this process has.</param>
    public static Process Start(Dictionary<string, string> environment, string program, params IEnumerable<string> arguments)
    {
        // The kernel kills the child when its parent dies; nothing else does that after a kill -9.
        string[] bound = File.Exists(SetPriv) ? [SetPriv, "--pdeathsig", "KILL", "--", program] : [program];
        var start = new ProcessStartInfo(bound[0], [.. bound[1..], .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var born = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Births.Add(() =>
        {
            try
            {
                born.SetResult(Process.Start(start)!);
            }
            catch (Exception failed)
            {
                born.SetException(failed);
            }
        });
        return born.Task.GetAwaiter().GetResult();
    }

    /// <summary>
    /// "When the parent dies" means the thread that made the child, and pool threads come and go: so all children are made by one
    /// thread that lives as long as the process.
    /// </summary>
    private static BlockingCollection<Action> StartMother()
    {
        var births = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var birth in births.GetConsumingEnumerable())
                birth();
        })
        { IsBackground = true, Name = "children" }.Start();
        return births;
    }

    /// <summary>Asks it to end (SIGTERM) and waits.</summary>
    public static async Task StopAsync(Process child, TimeSpan patience, TimeProvider time)
    {
        if (child.HasExited)
            return;
        await SignalAsync(child, "TERM");
        using var limit = new CancellationTokenSource(patience, time);
        try
        {
            await child.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Runs a program to its end and returns what it printed.</summary>
    /// <param name="typed">What it reads from its standard input.</param>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said about it.</exception>
    public static async Task<string> AskAsync(string typed, string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        string[] all = [.. arguments];
        using var process = Process.Start(new ProcessStartInfo(program, all)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var answer = process.StandardOutput.ReadToEndAsync(cancellationToken);
        try
        {
            await process.StandardInput.WriteLineAsync(typed);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it has ended without reading, and its exit code tells why
        }
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? await answer : throw new InvalidOperationException($"{program} {string.Join(' ', all)}: {await errors}{await answer}");
    }

    /// <summary>What starts the gate's program: the published one starts by itself, the built one by dotnet.</summary>
    /// <param name="program">Another than this one; null for this.</param>
    public static string[] GateProgram(string? program) =>
        program is not null ? [program]
        : Environment.ProcessPath is { } self && Path.GetFileName(self) == "edgegate" ? [self]
        : [DotnetHost(), typeof(Children).Assembly.Location];

    /// <summary>The dotnet that runs this program.</summary>
    public static string DotnetHost() =>
        Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static async Task SignalAsync(Process child, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, child.Id.ToString()]);
        await kill.WaitForExitAsync();
    }
}

using System.Diagnostics;
using EdgeGate.Service.Settings;

namespace EdgeGate.Benchmarks.Measuring;

/// <summary>
/// The service as it is installed: published, on x64 with a trimmed runtime of its own and code compiled in advance, and with the environment that its unit gives it.
/// <c>./dev bench</c> publishes it beside this program before each run; without that it is the plain build, and the report says so.
/// </summary>
internal static class PublishedGate
{
    private static readonly string Published = System.IO.Path.Combine(AppContext.BaseDirectory, "published", "edgegate", "edgegate");

    /// <summary>As in hardware/deploy/edgegate.service.</summary>
    private static readonly (string Name, string Value)[] OfTheUnit = [("DOTNET_GCgen0size", "0x600000"), ("MALLOC_ARENA_MAX", "2")];

    public static string Form => File.Exists(Published) ? "the published form" : "**the plain build**, compiled while it runs";

    private static string[] Program => File.Exists(Published) ? [Published] : ["dotnet", typeof(GateSettings).Assembly.Location];

    /// <param name="settings">Path of its gate.json.</param>
    /// <param name="log">Where its log goes; nowhere when null: on a gate it is the journal daemon that writes it, not the service.</param>
    public static ProcessStartInfo StartOf(string settings, string? log = null)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >> \"$0\" 2>&1", log ?? "/dev/null", .. Program, "run", "--settings", settings]) { UseShellExecute = false };
        foreach (var (name, value) in OfTheUnit)
            start.Environment[name] = value;
        return start;
    }

    public static Process Start(string settings) => Process.Start(StartOf(settings))!;
}

using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Simulation;

/// <summary>A portal: it says what it is told, and nobody can do anything with it.</summary>
internal sealed class PortalPeer(string kind, string moreSettings, Func<IDeviceLine, CancellationToken, Task> run) : ISimulatedPeer
{
    private const string TextToOpen = @"OPEN {credential}\n", TextToClose = @"CLOSE\n";

    public string Kind => kind;
    public int Baud => 9600;
    public string MoreSettings => moreSettings;
    public string Commands => "none of its own";

    public static PortalPeer Relay(TimeProvider time, Action<string> say) =>
        new("lcus-1", "", (line, stop) => new SimulatedRelay(channel: 1, time, order => say(Words(order))).RunAsync(line, stop));

    public static PortalPeer Text(TimeProvider time, Action<string> say) => new(
        "text", $", \"open\": \"{TextToOpen}\", \"close\": \"{TextToClose}\"",
        (line, stop) => new SimulatedTextPortal(TextTemplate.Parse(TextToOpen), TextTemplate.Parse(TextToClose), time, order => say(Words(order))).RunAsync(line, stop));

    public Task RunAsync(IDeviceLine line, CancellationToken stopping) => run(line, stopping);

    public ValueTask<string?> DoAsync(string command, string rest, CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

    private static string Words(PortalOrder order) => $"{order.At.ToLocalTime():HH:mm:ss.fff} {(order.Open ? "open" : "closed")}{(order.Credential is { Length: > 0 } ? " for somebody it was told of" : "")}";
}

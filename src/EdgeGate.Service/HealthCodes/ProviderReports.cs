using EdgeGate.Access;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.HealthCodes;

/// <summary>Tells a provider, after its answer, whether somebody really passed; later, and never at the lane's cost.</summary>
/// <param name="place">The entrance, as providers are told.</param>
internal sealed class ProviderReports(IReadOnlyDictionary<string, HttpHealthCodeProvider> providers, string place, GateClock clock) : BackgroundService
{
    public void Tell(AccessRequest request, bool passed)
    {
        if (request.HealthCode is JudgedHealthCode.Asked { Answer: { Attempts: > 0 } answer } && providers.TryGetValue(answer.ProviderId, out var provider))
            provider.Report(new ProviderPassage(answer.RequestId, request.Presentation.ReaderId, place, passed, clock.Read().Wall));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(providers.Values.Select(provider => provider.RunReportsAsync(stoppingToken)));
}

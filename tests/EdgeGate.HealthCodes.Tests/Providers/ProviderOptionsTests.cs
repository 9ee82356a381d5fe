using EdgeGate.HealthCodes.Providers;
using EdgeGate.Testing;

namespace EdgeGate.HealthCodes.Tests.Providers;

public class ProviderOptionsTests
{
    [Fact]
    public void Settings_that_cannot_work_are_refused_with_every_fault()
    {
        var options = SimulatedProvider.OptionsFor(new Uri("http://127.0.0.1:1"));
        var broken = options with
        {
            Budget = TimeSpan.FromSeconds(16),
            SecondAttemptAfter = TimeSpan.FromSeconds(20),
            Breaker = new() { Faults = 1 },
            MaxConcurrent = 0,
            Offline = new() { CachedGreenFor = TimeSpan.Zero },
            Reply = options.Reply with { Colour = [], States = new Dictionary<string, HealthCodeStatus> { ["green"] = HealthCodeStatus.Valid } },
        };
        var refused = Assert.Throws<ProviderOptionsException>(() => new HttpHealthCodeProvider(broken, new ManualTime()));
        Assert.Equal(7, refused.Message.Split("; ").Length);
        new HttpHealthCodeProvider(options, new ManualTime()).Dispose();
    }

    [Fact]
    public void Every_preset_means_what_a_provider_may_say()
    {
        var options = SimulatedProvider.OptionsFor(new Uri("http://127.0.0.1:1"));
        foreach (var preset in new[] { ProviderPresets.ColourNames, ProviderPresets.AliyunIot, ProviderPresets.Hikvision, ProviderPresets.Dahua, ProviderPresets.WeCom })
            new HttpHealthCodeProvider(options with { Reply = options.Reply with { States = preset } }, new ManualTime()).Dispose();
    }
}

using System.Text.Json;
using EdgeGate.Messages;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Tests.Uplink;

public sealed class HomeAssistantTests
{
    private static readonly GateSettings Sample =
        Assert.IsType<SettingsResult.Valid>(SettingsFile.Parse(System.Text.Encoding.UTF8.GetBytes(SettingsFile.Sample), "sample", [])).Settings;
    private readonly Dictionary<string, JsonElement> _things =
        HomeAssistant.Discovery(Sample, new GateTopics(Sample.Site, Sample.Gate)).ToDictionary(thing => thing.Topic, thing => JsonDocument.Parse(thing.Config).RootElement);

    [Fact]
    public void Link_people_doors_and_every_device_are_offered_as_one_device()
    {
        Assert.Equal(
            [
                "binary_sensor/device-door", "binary_sensor/device-id-card", "binary_sensor/device-scanner", "binary_sensor/device-thermometer",
                "binary_sensor/door-lane-1", "binary_sensor/link", "sensor/inside",
            ],
            _things.Keys.Select(topic => topic.Split('/')).Select(part => $"{part[1]}/{part[3]}").Order(StringComparer.Ordinal));
        Assert.All(_things, thing => Assert.Equal(("homeassistant", "sample-estate_gate-1", "config"), (thing.Key.Split('/')[0], thing.Key.Split('/')[2], thing.Key.Split('/')[4])));
        Assert.Single(_things.Values.Select(config => config.GetProperty("device").GetProperty("identifiers")[0].GetString()).Distinct());
        Assert.Equal(_things.Count, _things.Values.Select(config => config.GetProperty("unique_id").GetString()).Distinct().Count());
    }

    [Fact]
    public void Everything_but_the_link_counts_as_unknown_while_the_gate_is_away() =>
        Assert.All(_things, thing => Assert.Equal(!thing.Key.Contains("/link/", StringComparison.Ordinal), thing.Value.TryGetProperty("availability", out _)));

    [Fact]
    public void No_template_reads_anything_about_a_person() =>
        Assert.All(_things.Values, config => Assert.DoesNotMatch("person|maskedName|sealed|reasons", config.GetProperty("value_template").GetString()));
}

using EdgeGate.Messages;
using EdgeGate.Mqtt;
using EdgeGate.Service.Tests.Settings;
using EdgeGate.Service.Uplink;
using EdgeGate.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Service.Tests.Uplink;

public sealed class UplinkSetupTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static MqttLinkOptions Options(string broker)
    {
        var settings = SmallSettings.IsValid(SmallSettings.Parse(SmallSettings.With("\"broker\": { \"host\": \"localhost\" }", $"\"broker\": {broker}"))).Settings;
        return UplinkSetup.LinkOptionsOf(settings, settings.Broker!, new GateTopics(settings.Site, settings.Gate));
    }

    [Fact]
    public void Two_sites_with_a_gate_of_the_same_name_do_not_take_each_other_over() =>
        Assert.Equal("estate-gate-1", Options("{ \"host\": \"localhost\" }").ClientId);

    [Fact]
    public void A_client_id_in_the_settings_is_taken_as_it_is() =>
        Assert.Equal("mine", Options("{ \"host\": \"localhost\", \"clientId\": \"mine\" }").ClientId);

    [Fact]
    public void The_will_says_offline_retained_on_the_state_topic_and_of_which_login_also_of_a_gate_that_is_stopped()
    {
        var session = GateSession.Begin(_directory["uplink-start"], new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_646_092_800)), NullLogger<GateSession>.Instance);
        var will = UplinkSetup.WillOf("gate-1", new GateTopics("estate", "gate-1"), session);

        Assert.Equal(("edgegate/v1/estate/gate-1/state", true, true), (will.Topic, will.Retain, will.AlsoOnLeaving));
        Assert.Equal("""{"gate":"gate-1","online":false,"session":1646092800000003}""", System.Text.Encoding.UTF8.GetString(will.Payload(3).Span));
    }

    [Fact]
    public void The_password_is_what_the_file_holds_without_its_last_line_end()
    {
        var file = _directory.Write("password", " with spaces \r\n");

        Assert.Equal(" with spaces ", Options($$"""{ "host": "localhost", "user": "gate", "passwordFile": "{{file}}" }""").Credentials.Password);
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_named_with_its_setting()
    {
        var file = _directory.Write("ca.pem", "no certificate");

        var said = Assert.Throws<BrokerFileException>(() => Options($$"""{ "host": "localhost", "tls": { "enabled": true, "caFile": "{{file}}" } }""")).Message;

        Assert.StartsWith($"broker.tls.caFile: {file} cannot be used", said, StringComparison.Ordinal);
    }
}

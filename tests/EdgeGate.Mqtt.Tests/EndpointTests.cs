namespace EdgeGate.Mqtt.Tests;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("broker-2.example:8883", "broker-2.example", 8883)]
    [InlineData("127.0.0.1:1883", "127.0.0.1", 1883)]
    [InlineData("[::1]:1883", "::1", 1883)]
    public void An_endpoint_is_a_host_and_a_port(string text, string host, int port)
    {
        Assert.True(MqttEndpoint.TryParse(text, out var endpoint));
        Assert.Equal(new MqttEndpoint(host, port), endpoint);
    }

    [Theory]
    [InlineData("broker")]
    [InlineData("broker:")]
    [InlineData(":1883")]
    [InlineData("broker:0")]
    [InlineData("broker:65536")]
    [InlineData("broker:+1")]
    [InlineData("mqtt://broker:1883")]
    [InlineData("a b:1883")]
    [InlineData("")]
    public void Anything_else_is_none(string text) => Assert.False(MqttEndpoint.TryParse(text, out _));
}

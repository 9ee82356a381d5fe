using EdgeGate.Center.Settings;

namespace EdgeGate.Center.Tests;

public sealed class SettingsTests : IDisposable
{
    private const string Least = "\"database\": {}, \"broker\": { \"host\": \"127.0.0.1\" }";
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void The_sample_is_whole()
    {
        using var sample = new StreamReader(typeof(CenterSettings).Assembly.GetManifestResourceStream("center.sample.jsonc")!);

        Assert.Equal(new RetentionSettings(), Read(sample.ReadToEnd()).Retention);
    }

    [Fact]
    public void What_is_left_out_has_a_default() => Assert.Equal(180, Read($"{{ {Least} }}").Retention.RecordDays);

    [Theory]
    [InlineData(""" "instance": "Center 1" """, "instance must be")]
    [InlineData(""" "retention": { "recordDays": 0 } """, "retention.recordDays must be 1 to 3650, not 0")]
    [InlineData(""" "retention": { "recordDays": 400, "auditDays": 30 } """, "retention.auditDays must not be less")]
    [InlineData(""" "sites": [{ "id": "a", "siteKeyFile": "/k" }, { "id": "a", "siteKeyFile": "/k" }] """, "sites: a stands there twice")]
    [InlineData(""" "brokers": 1 """, "brokers: is not a setting (line 1)")]
    [InlineData(""" "retention": { "recordDays": "long" } """, "retention.recordDays: is not a value of this setting (line 1)")]
    [InlineData(""" "web": { "address": "ftp://x" } """, "web.address must be an address")]
    [InlineData(""" "enrolment": { "host": "mqtt://b", "accessDirectory": "/a", "evidencePublicKeyFile": "/e" } """, "enrolment.host must be a host name")]
    [InlineData(""" "enrolment": { "host": "b", "accessDirectory": "/a", "evidencePublicKeyFile": "/e", "gateAuthorityFile": "/g" } """, "enrolment.gateAuthorityFile and enrolment.gateAuthorityKeyFile go together")]
    [InlineData(""" "enrolment": { "host": "b", "accessDirectory": "/a", "evidencePublicKeyFile": "/e", "bundleDays": 0 } """, "enrolment.bundleDays must be 1 to 90, not 0")]
    [InlineData(""" "enrolment": { "host": "b", "accessDirectory": "/a" } """, "evidencePublicKeyFile")]
    public void A_fault_names_the_setting_and_says_what_it_must_be(string member, string words) =>
        Assert.Contains(words, Assert.Throws<CenterSettingsException>(() => Read($"{{ {Least}, {member} }}")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(""" "nodes": ["b"] """, "broker.nodes: \"b\" must be host:port")]
    [InlineData(""" "amqp": { "nodes": [] } """, "broker.amqp.nodes must name one node at least")]
    [InlineData(""" "amqp": { "nodes": ["a:5672", "b:none"] } """, "broker.amqp.nodes: \"b:none\" must be host:port")]
    [InlineData(""" "amqp": { "nodes": ["a:5671"], "serverName": "rabbit.example" } """, "broker.amqp.serverName: \"rabbit.example\" must be the name in the nodes' certificates, without a port, and needs TLS")]
    [InlineData(""" "tls": true, "amqp": { "nodes": ["a:5671"], "serverName": "rabbit.example:5671" } """, "broker.amqp.serverName: \"rabbit.example:5671\"")]
    public void Nodes_of_a_cluster_are_told_from_what_is_none(string member, string words) =>
        Assert.Contains(words, Assert.Throws<CenterSettingsException>(() => Read($$"""{ "database": {}, "broker": { "host": "127.0.0.1", {{member}} } }""")).Message, StringComparison.Ordinal);

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var told = Assert.Throws<CenterSettingsException>(() => Read("""{ "database": { "port": 0 }, "broker": { "host": "mqtt://x", "window": 0 } }""")).Message;

        Assert.Equal(3, told.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void A_key_file_that_is_none_is_told_by_its_setting() =>
        Assert.Contains("commandKey.privateKeyFile", Assert.Throws<CenterSettingsException>(() => CenterSettingsFile.ReadCommandKey(
            Read($$"""{ {{Least}}, "commandKey": { "id": "c", "privateKeyFile": "{{_file}}" } }"""))).Message, StringComparison.Ordinal);

    private CenterSettings Read(string text)
    {
        File.WriteAllText(_file, text);
        return CenterSettingsFile.Read(_file);
    }
}

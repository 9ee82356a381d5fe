using EdgeGate.Devices.Scanners;
using EdgeGate.Service.Settings;
using static EdgeGate.Service.Tests.Settings.SmallSettings;

namespace EdgeGate.Service.Tests.Settings;

public class SettingsEnvironmentTests
{
    [Fact]
    public void A_variable_overrides_the_file_whatever_its_type()
    {
        var settings = IsValid(Parse(
            Text,
            ("EDGEGATE_BROKER__HOST", "10"),
            ("EDGEGATE_BROKER__PORT", "8883"),
            ("EDGEGATE_BROKER__TLS__ENABLED", "true"),
            ("EDGEGATE_DATADIRECTORY", "/tmp/gate"),
            ("EDGEGATE_LANES__0__EVIDENCE", "[\"identity\"]"),
            ("EDGEGATE_LANES__0__WINDOW", "00:00:05"),
            ("EDGEGATE_RULES__TEMPERATURE__MAXCELSIUS", "37.5"),
            ("EDGEGATE_LANES__0__READERS__0__PORT", "/dev/pts/7"),
            ("HOME", "/root"))).Settings;

        Assert.Equal(("10", 8883, true), (settings.Broker!.Host, settings.Broker.Port, settings.Broker.Tls.Enabled));
        Assert.Equal("/tmp/gate", settings.DataDirectory);
        Assert.Equal([LaneEvidence.Identity], settings.Lanes[0].Evidence);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.Lanes[0].Window);
        Assert.Equal(37.5m, settings.Rules.Temperature.MaxCelsius);
        Assert.Equal(("id-card", "/dev/pts/7"), (settings.Lanes[0].Readers[0].Id, Assert.IsType<SamVReaderSettings>(settings.Lanes[0].Readers[0]).Port));
    }

    [Fact]
    public void Variables_can_add_a_device()
    {
        var settings = IsValid(Parse(
            Text,
            ("EDGEGATE_LANES__0__READERS__1__FRAMING", "stx-etx"),
            ("EDGEGATE_LANES__0__READERS__1__PORT", "/dev/pts/7"),
            ("EDGEGATE_LANES__0__READERS__1__KIND", "line-scanner"),
            ("EDGEGATE_LANES__0__READERS__1__ID", "scanner"),
            ("EDGEGATE_RULES__CREDENTIALGROUPS__0__NAME", "a"),
            ("EDGEGATE_RULES__CREDENTIALGROUPS__0__PREFIX", "1"))).Settings;

        Assert.Equal(ScannerFraming.StxEtx, Assert.IsType<LineScannerSettings>(settings.Lanes[0].Readers[1]).Framing);
        Assert.Equal("1", settings.Rules.CredentialGroups[0].Prefix);
    }

    [Theory]
    [InlineData("EDGEGATE_BROKER__HSOT", "x", "EDGEGATE_BROKER__HSOT is not a setting; did you mean EDGEGATE_BROKER__HOST?")]
    [InlineData("EDGEGATE_BROCKER__HOST", "x", "EDGEGATE_BROCKER__HOST is not a setting; did you mean EDGEGATE_BROKER__HOST?")]
    [InlineData("EDGEGATE_BROKER_HOST", "x", "EDGEGATE_BROKER_HOST is not a setting; names are put together like EDGEGATE_BROKER__HOST, with two underscores.")]
    [InlineData("EDGEGATE_DATA_DIRECTORY", "x", "EDGEGATE_DATA_DIRECTORY is not a setting; did you mean EDGEGATE_DATADIRECTORY?")]
    [InlineData("EDGEGATE_COLOUR", "red", "EDGEGATE_COLOUR is not a setting; names are put together like EDGEGATE_BROKER__HOST, with two underscores.")]
    [InlineData("EDGEGATE_", "x", "EDGEGATE_ is not a setting; names are put together like EDGEGATE_BROKER__HOST, with two underscores.")]
    [InlineData("EDGEGATE_SITE__NAME", "x", "EDGEGATE_SITE__NAME is not a setting; names are put together like EDGEGATE_BROKER__HOST, with two underscores.")]
    [InlineData("EDGEGATE_LANES__0__READERS__FIRST__PORT", "x", "EDGEGATE_LANES__0__READERS__FIRST__PORT is not a setting: after EDGEGATE_LANES__0__READERS__ comes a number from 0 to 255.")]
    [InlineData("EDGEGATE_LANES__0__READERS__256__PORT", "x", "EDGEGATE_LANES__0__READERS__256__PORT is not a setting: after EDGEGATE_LANES__0__READERS__ comes a number from 0 to 255.")]
    [InlineData("EDGEGATE_LANES__0__READERS__2", "{}", "lanes[0].readers[1] (line 6) must be an object { … }, not null.", "lanes[0].readers[2].kind (EDGEGATE_LANES__0__READERS__2) is missing: one of sam-v, line-scanner, gm65, gm67, wedge, osdp, wiegand, handheld.")]
    [InlineData("EDGEGATE_BROKER__PORT", "many", "broker.port (EDGEGATE_BROKER__PORT) must be a whole number, not \"many\".")]
    [InlineData("EDGEGATE_BROKER__PORT", "", "broker.port (EDGEGATE_BROKER__PORT) must be a whole number, not \"\".")]
    [InlineData("EDGEGATE_BROKER__PORT", "0", "broker.port (EDGEGATE_BROKER__PORT) must be from 1 to 65535, not 0.")]
    [InlineData("EDGEGATE_BROKER", "{\"host\":\"a\",\"host\":\"b\"}", "broker (EDGEGATE_BROKER) must be an object { … }, not \"{\\\"host\\\":\\\"a\\\",\\\"host\\\":\\\"b\\\"}\".")]
    [InlineData("EDGEGATE_LANES__0__THERMOMETER", "null", "lanes[0].evidence (line 5) asks for temperature, but there is no thermometer: add one, or take temperature out.")]
    public void A_wrong_variable_is_a_fault(string name, string value, params string[] sentences) =>
        Assert.Equal(sentences, Faults(Parse(Text, (name, value))));

    [Fact]
    public void A_variable_below_something_else_in_the_file_leaves_the_fault_of_the_file() =>
        Assert.Equal(
            ["broker (line 12) must be an object { … }, not \"tcp://b\"."],
            Faults(Parse(With("{ \"host\": \"localhost\" }", "\"tcp://b\""), ("EDGEGATE_BROKER__HOST", "b"))));

    [Fact]
    public void Names_that_are_no_settings_by_design_are_passed_over() =>
        IsValid(Parse(Text, ("EDGEGATE_CENTER_CONFIG", "/etc/edgegate/center.json"), ("EDGEGATE_SETTINGS", "/etc/edgegate/gate.json")));
}

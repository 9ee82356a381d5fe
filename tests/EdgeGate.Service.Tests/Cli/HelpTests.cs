namespace EdgeGate.Service.Tests.Cli;

public class HelpTests
{
    [Theory]
    [InlineData("", "decides who may pass a gate, opens it, and keeps a record that no power cut loses", "run", "demo", "config", "journal", "register", "occupancy", "simulate")]
    [InlineData("occupancy set", "How many people are inside the site now", "--by")]
    [InlineData("register", "also while it runs", "list", "import", "export", "diff", "reconcile")]
    [InlineData("register import", "all of it or nothing", "--merge", "--remove", "--by", "--reason", "--ignore <heading>")]
    [InlineData("register reconcile", "in one of two lists but not in the other")]
    [InlineData("register publish", "for all gates of the site", "--key <file>", "--key-id <id>")]
    [InlineData("notices publish", "gates that are away show them when they come back", "[] takes them all back", "--key <file>", "--key-id <id>")]
    [InlineData("kiosk voice", "Makes the spoken prompts", "--anew", "--settings <file>")]
    [InlineData("pass", "signed passes (EGP1 codes)", "issue", "sheet", "now", "revoke", "list")]
    [InlineData("pass sheet", "a page for each household or building", "--output <file>", "--pdf <file>", "--until <time>", "--uses <count>")]
    [InlineData("rounds", "places of patrol and disinfection rounds", "sheet")]
    [InlineData("rounds sheet", "on A4 to cut out", "--output <file>", "--settings <file>")]
    [InlineData("rules", "rehearses new rules on recorded ones", "explain", "rehearse")]
    [InlineData("rules rehearse", "which would be others", "--since <time>", "--key <file>")]
    [InlineData("command send apply-settings", "the gate goes back unless", "--file <file>", "--within <seconds>", "[default: 60]")]
    [InlineData("run", "Runs the gate until it is stopped", "--settings <file>", "/etc/edgegate/gate.json")]
    [InlineData("demo", "pretend devices and people", "--headless", "--passes <count>", "--port <port>", "--data <directory>", "--seed <number>", "--center <edgegate-center.dll>")]
    [InlineData("enroll", "Takes a bundle of the center", "--settings <file>")]
    [InlineData("schema", "the AsyncAPI document of all topics")]
    [InlineData("doctor", "says what is wrong", "--settings <file>")]
    [InlineData("config", "Checks and explains the settings", "check", "schema", "sample")]
    [InlineData("config check", "lists every fault at once", "--settings <file>")]
    [InlineData("config schema", "gate.schema.json beside gate.json")]
    [InlineData("config sample", "a commented gate.json to start from")]
    [InlineData("journal", "also while the gate runs", "list", "tail", "export", "verify")]
    [InlineData("journal list", "the newest records", "--last <count>", "[default: 20]", "--directory <directory>")]
    [InlineData("journal tail", "until interrupted")]
    [InlineData("journal export", "to standard output", "--format", "--from <number>", "--to <number>")]
    [InlineData("journal verify", "names the first that is broken, missing or altered")]
    [InlineData("relays off", "as if the power had gone", "--settings <file>")]
    [InlineData("simulate", "a device on a pseudo-terminal", "sam-v", "line-scanner", "gm65", "osdp", "gy-mcu90614", "gy-614", "modbus", "lcus-1", "text", "provider")]
    [InlineData("simulate sam-v", "until interrupted", "--link <path>", "--fault", "noise", "wrong-checksum")]
    [InlineData("devices", "listens to it", "list", "probe", "watch", "record", "replay", "accept")]
    [InlineData("devices watch", "A gate that runs has the port, and is named", "--kind <kind>", "--baud <speed>", "--settings <file>")]
    [InlineData("devices record", "both ways", "<file>")]
    [InlineData("devices replay", "once somebody opens it", "--link <path>", "--fast")]
    [InlineData("devices accept", "because another was there before", "--settings <file>")]
    [InlineData("simulate provider", "until interrupted", "--port <port>", "--fault", "Slow")]
    [InlineData("command", "signed, good once and for a short time", "keygen", "sign", "send")]
    [InlineData("command keygen", "the public one goes to the gates", "--directory <directory>")]
    [InlineData("command send", "waits for the gate's answer", "open-once", "set-mode", "resend-range", "report-tally", "identify", "notice")]
    [InlineData("command sign open-once", "--reason <text>", "--lane <id>", "--valid <seconds>", "[default: 30]", "--key <file>")]
    public async Task Help_says_what_a_command_is_for_and_what_it_takes(string command, params string[] phrases)
    {
        var said = await CommandLine.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, said.ExitCode);
        Assert.Empty(said.Errors);
        Assert.All(phrases, phrase => Assert.Contains(phrase, said.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("9223372036854775807", said.Output, StringComparison.Ordinal); // no number nobody would type
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        var said = await CommandLine.RunAsync("jurnal");

        Assert.NotEqual(0, said.ExitCode);
        Assert.Contains("jurnal", said.Errors, StringComparison.Ordinal);
    }
}

using EdgeGate.Service.Cli;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Cli;

public sealed class RoundsCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<CommandLine> SheetAsync(string rounds) => CommandLine.RunAsync(
        "rounds", "sheet", "-o", _directory["sheet.html"], "-s", _directory.Write("gate.json", SmallSettings.With("\"rules\": {},", $"\"rules\": {{}}, {rounds}")));

    [Fact]
    public async Task Each_place_has_its_code_its_name_and_what_to_type_when_the_code_is_torn()
    {
        var said = await SheetAsync("""
            "rounds": { "places": [{ "id": "b3-lobby", "name": "<3号楼>", "building": "3", "patrolEvery": "04:00:00" }, { "id": "north-wall", "name": "北墙" }] },
            """);

        Assert.Equal((ExitCode.Done, ""), (said.ExitCode, said.Errors));
        var html = await File.ReadAllTextAsync(_directory["sheet.html"]);
        Assert.Equal(2, html.Split("<svg").Length - 1);
        Assert.Contains("&lt;3", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("north-wall", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gate_without_places_says_where_they_are_named() =>
        Assert.Contains("rounds.places", (await SheetAsync("")).Errors, StringComparison.Ordinal);
}

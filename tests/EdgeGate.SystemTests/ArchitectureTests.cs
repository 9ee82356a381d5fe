using System.Reflection;

namespace EdgeGate.SystemTests;

/// <summary>Who may refer to whom: the arrows of the design. A new arrow is a decision, not an accident.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["EdgeGate.Access"] = [],
        ["EdgeGate.HealthCodes"] = [],
        ["EdgeGate.Journal"] = [],
        ["EdgeGate.Mqtt"] = [],
        ["EdgeGate.Web"] = [],
        ["EdgeGate.Devices"] = ["EdgeGate.Access"],
        ["EdgeGate.Messages"] = ["EdgeGate.Access"],
        ["edgegate"] = ["EdgeGate.Access", "EdgeGate.Devices", "EdgeGate.HealthCodes", "EdgeGate.Journal", "EdgeGate.Messages", "EdgeGate.Mqtt", "EdgeGate.Web"],
        ["edgegate-center"] = ["EdgeGate.Access", "EdgeGate.HealthCodes", "EdgeGate.Messages", "EdgeGate.Mqtt", "EdgeGate.Web"],
    };

    public static TheoryData<string> Parts => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_part_refers_only_to_the_parts_the_design_allows(string part)
    {
        var referred = Assembly.Load(part).GetReferencedAssemblies().Select(name => name.Name!).Where(IsOurs);
        Assert.Empty(referred.Except(Allowed[part]));
    }

    [Fact]
    public void Every_part_has_its_arrows_stated() =>
        Assert.Equal(
            Allowed.Keys.Order(StringComparer.Ordinal),
            Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Select(file => Path.GetFileNameWithoutExtension(file))
                .Where(name => IsOurs(name) && !name.Contains("Test", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("EdgeGate.Access")]
    [InlineData("EdgeGate.Mqtt")]
    [InlineData("EdgeGate.Messages")]
    public void The_pure_parts_need_no_packages(string part) =>
        Assert.All(
            Assembly.Load(part).GetReferencedAssemblies().Select(name => name.Name!).Where(name => !IsOurs(name)),
            name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    private static bool IsOurs(string name) => name.StartsWith("edgegate", StringComparison.OrdinalIgnoreCase);
}

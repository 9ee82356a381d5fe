using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.HealthCodes.Tests.BusinessRules;

/// <summary>JSON that looks like CertLogic more often than chance would have it, and is wrong in many ways.</summary>
internal static class LogicGen
{
    private static readonly string[] Operators =
        ["if", "and", "!", "===", "in", "+", "<", ">", "<=", ">=", "after", "before", "not-after", "not-before", "plusTime", "dccDateOfBirth", "extractFromUVCI", "reduce", "var", "or", ""];

    private static readonly string[] Scalars =
    [
        "true", "false", "null", "0", "-1", "1", "3", "1.5", "2.0", "1e300", "9007199254740991", "99999999999999999999", "\"\"", "\"a\"", "\"a.0\"", "\"current\"", "\"accumulator\"",
        "\"2022-03-01\"", "\"2022-02\"", "\"0001\"", "\"9999\"", "\"2022-03-01T08:00:00.123+08:00\"", "\"day\"", "\"year\"", "\"month\"", "\"URN:UVCI:01:CN:7\"", "\"\\ud800\"", "\"测试\"",
    ];

    public static Gen<string> Logic { get; } = Gen.Sized(size => LogicOf(Math.Min(size, 12)));

    public static Gen<string> Data { get; } = Gen.Sized(size => DataOf(Math.Min(size, 8)));

    private static Gen<string> LogicOf(int size) => size == 0
        ? Gen.Elements(Scalars)
        : Gen.Frequency(
            (2, Gen.Elements(Scalars)),
            (2, Gen.Elements("", "a", "a.0", "current", "accumulator", "b.c").Select(path => $$"""{"var":"{{path}}"}""")),
            (1, Items(LogicOf(size / 2))),
            (6, from name in Gen.Elements(Operators)
                from operands in Items(LogicOf(size / 2))
                select $$"""{{{JsonSerializer.Serialize(name)}}:{{operands}}}"""));

    private static Gen<string> DataOf(int size) => size == 0
        ? Gen.Elements(Scalars)
        : Gen.Frequency(
            (2, Gen.Elements(Scalars)),
            (2, Items(DataOf(size / 2))),
            (3, from a in DataOf(size / 2)
                from b in DataOf(size / 2)
                select $$"""{"a":{{a}},"b":{"c":{{b}} } }"""));

    private static Gen<string> Items(Gen<string> item) =>
        from count in Gen.Choose(0, 4)
        from items in item.ArrayOf(count)
        select $"[{string.Join(',', items)}]";
}

using System.Text.Json;
using EdgeGate.HealthCodes.BusinessRules;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.HealthCodes.Tests.BusinessRules;

/// <summary>No expression and no data take more than their limits, and nothing but the stated exception comes out.</summary>
public class CertLogicLimitTests
{
    private static readonly JsonElement NoData = JsonElement.Parse("null");

    [Fact]
    public void Depth_of_an_expression_is_limited()
    {
        var limits = new CertLogicLimits { MaxDepth = 10 };
        Assert.Equal("false", CertLogic.Evaluate(Nested(9), NoData, limits).GetRawText());
        Assert.Equal("nested more than 10 levels deep", Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(Nested(10), NoData, limits)).Message);
        Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(Nested(2_000), NoData));

        static JsonElement Nested(int levels) => JsonElement.Parse(
            string.Concat(Enumerable.Repeat("{\"!\":[", levels)) + (levels % 2 == 0 ? "false" : "true") + string.Concat(Enumerable.Repeat("]}", levels)),
            new JsonDocumentOptions { MaxDepth = 100_000 });
    }

    [Fact]
    public void Depth_of_the_data_is_limited()
    {
        var data = JsonElement.Parse(new string('[', 5_000) + new string(']', 5_000), new JsonDocumentOptions { MaxDepth = 5_000 });
        Assert.Equal("nested more than 64 levels deep", Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(JsonElement.Parse("true"), data)).Message);
    }

    [Fact]
    public void Depth_of_a_result_is_limited()
    {
        const string DeeperEachTime = """{"reduce":[{"var":""},[{"var":"accumulator"}],0]}""";
        var data = JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat(1, 100))}]");
        Assert.Equal("nested more than 64 levels deep", Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(JsonElement.Parse(DeeperEachTime), data)).Message);
    }

    [Fact]
    public void Steps_are_limited_also_by_loops_in_loops()
    {
        const string Cube = """
            {"reduce":[{"var":""},{"+":[{"var":"accumulator"},{"reduce":[[1,2,3,4,5,6,7,8,9,10],{"+":[{"var":"current"},{"var":"accumulator"}]},0]}]},0]}
            """;
        var hundred = JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat(1, 100))}]");
        Assert.Equal("5500", CertLogic.Evaluate(JsonElement.Parse(Cube), hundred).GetRawText());
        Assert.Equal("more than 500 steps", Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(JsonElement.Parse(Cube), hundred, new() { MaxSteps = 500 })).Message);
    }

    [Fact]
    public void Array_length_is_limited_in_logic_and_data()
    {
        var limits = new CertLogicLimits { MaxArrayLength = 3 };
        var (three, four) = (JsonElement.Parse("[1,2,3]"), JsonElement.Parse("[1,2,3,4]"));
        Assert.Equal("[1,2,3]", CertLogic.Evaluate(three, three, limits).GetRawText());
        Assert.Equal("an array of 4 items, more than 3", Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(four, three, limits)).Message);
        Assert.Equal("an array of 4 items, more than 3", Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(three, four, limits)).Message);
    }

    [Fact]
    public void A_result_that_doubles_with_every_item_ends_at_the_size_limit()
    {
        const string Doubling = """{"reduce":[{"var":""},[{"var":"accumulator"},{"var":"accumulator"}],"seed"]}""";
        var forty = JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat(1, 40))}]"); // 2^40 seeds
        Assert.Equal("a result of more than 16384 bytes", Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(JsonElement.Parse(Doubling), forty)).Message);
    }

    [Fact]
    public void An_object_of_the_data_counts_with_its_whole_size()
    {
        var data = JsonElement.Parse($$"""{"a":"{{new string('x', 2_000)}}"}""");
        Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(JsonElement.Parse("""{"var":""}"""), data, new() { MaxResultBytes = 1_000 }));
    }

    [Fact]
    public void Issues_of_a_broken_expression_are_limited() =>
        Assert.Equal(100, CertLogic.Check(JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat("null", 1_000))}]")).Count);

    [Fact]
    public void Any_logic_on_any_data_gives_a_value_or_the_stated_exception_within_its_steps()
    {
        var limits = new CertLogicLimits { MaxSteps = 300, MaxDepth = 12, MaxArrayLength = 20, MaxResultBytes = 500 };
        Prop.ForAll(LogicGen.Logic.ToArbitrary(), LogicGen.Data.ToArbitrary(), (logic, data) =>
        {
            try
            {
                var result = CertLogic.Evaluate(JsonElement.Parse(logic), JsonElement.Parse(data), limits);
                Assert.True(result.GetRawText().Length <= limits.MaxResultBytes);
            }
            catch (CertLogicException)
            {
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }
}

using System.Text.Json;
using EdgeGate.HealthCodes.BusinessRules;

namespace EdgeGate.HealthCodes.Tests.BusinessRules;

/// <summary>The meaning of each operation, so that the project is tested without the official suites.</summary>
public class CertLogicTests
{
    [Theory]
    [InlineData("42", "42")]
    [InlineData("42.0", "42")]
    [InlineData("\"x\"", "\"x\"")]
    [InlineData("[1,{\"var\":\"a\"},[true]]", "[1,7,[true]]")]
    [InlineData("{\"var\":\"\"}", """{"a":7,"list":[1,2,3],"half":0.5,"text":"t","none":null,"empty":[],"object":{"x":{"y":"z"}}}""")]
    [InlineData("{\"var\":\"object.x.y\"}", "\"z\"")]
    [InlineData("{\"var\":\"list.2\"}", "3")]
    [InlineData("{\"var\":\"list.3\"}", "null")]
    [InlineData("{\"var\":\"list.-1\"}", "null")]
    [InlineData("{\"var\":\"text.length\"}", "null")]
    [InlineData("{\"var\":\"missing.deep.down\"}", "null")]
    public void Literals_arrays_and_data(string logic, string expected) => AssertValue(expected, logic);

    [Theory]
    [InlineData("false", false)]
    [InlineData("0", false)]
    [InlineData("\"\"", false)]
    [InlineData("[]", false)]
    [InlineData("{\"var\":\"none\"}", false)]
    [InlineData("-1", true)]
    [InlineData("\"0\"", true)]
    [InlineData("[0]", true)]
    [InlineData("{\"var\":\"object\"}", true)]
    public void Truthy_and_falsy(string value, bool truthy)
    {
        AssertValue(truthy ? "1" : "2", $$"""{"if":[{{value}},1,2]}""");
        AssertValue(truthy ? "false" : "true", $$"""{"!":[{{value}}]}""");
    }

    [Theory]
    [InlineData("{\"if\":[{\"var\":\"half\"},1,2]}", "\"if\" cannot take a fraction as true or false")]
    [InlineData("{\"!\":[{\"plusTime\":[\"2022-01-01\",0,\"day\"]}]}", "\"!\" cannot take a date-time as true or false")]
    [InlineData("{\"and\":[{\"var\":\"half\"},true]}", "\"and\" cannot take a fraction as true or false")]
    [InlineData("{\"in\":[1,\"text\"]}", "\"in\" looks into an array, not into a string")]
    [InlineData("{\"+\":[1,\"1\"]}", "\"+\" adds two integers, not an integer and a string")]
    [InlineData("{\"+\":[9007199254740991,1]}", "a sum beyond 53 bits")]
    [InlineData("{\"<\":[1,\"2\"]}", "\"<\" does not compare an integer with a string")]
    [InlineData("{\"<\":[2,1,\"3\"]}", "\"<\" does not compare an integer with a string")]
    [InlineData("{\"after\":[\"2022-01-01\",\"2021-01-01\"]}", "\"after\" does not compare a string with a string")]
    [InlineData("{\"===\":[{\"var\":\"list\"},[1]]}", "an array cannot be compared for equality")]
    [InlineData("{\"reduce\":[\"abc\",1,0]}", "\"reduce\" works on an array, not on a string")]
    [InlineData("{\"extractFromUVCI\":[7,0]}", "\"extractFromUVCI\" takes a string, not an integer")]
    [InlineData("{\"plusTime\":[{\"plusTime\":[\"2022-01-01\",0,\"day\"]},0,\"day\"]}", "\"plusTime\" takes a string, not a date-time")]
    [InlineData("{\"plusTime\":[\"2022-01-01\",9000,\"year\"]}", "a date-time beyond the years 1 to 9999 (9000 times one year away)")]
    [InlineData("{\"var\":\"half\"}", "the result is a fraction")]
    [InlineData("{\"if\":[true,1,{\"foo\":[]}]}", "unrecognised operator: \"foo\"")]
    public void What_cannot_be_evaluated_says_why(string logic, string why) =>
        Assert.Equal(why, Assert.Throws<CertLogicException>(() => Evaluate(logic)).Message);

    [Theory]
    [InlineData("{\"and\":[1,\"x\"]}", "\"x\"")]
    [InlineData("{\"and\":[1,0,{\"+\":[\"never\",\"asked\"]}]}", "0")]
    [InlineData("{\"if\":[false,{\"+\":[\"never\",\"asked\"]},2]}", "2")]
    [InlineData("{\"===\":[1,\"1\"]}", "false")]
    [InlineData("{\"===\":[{\"var\":\"none\"},{\"var\":\"missing\"}]}", "true")]
    [InlineData("{\"in\":[2,{\"var\":\"list\"}]}", "true")]
    [InlineData("{\"in\":[\"2\",{\"var\":\"list\"}]}", "false")]
    [InlineData("{\"<\":[1,2,3]}", "true")]
    [InlineData("{\"<\":[1,3,2]}", "false")]
    [InlineData("{\">=\":[3,3,1]}", "true")]
    [InlineData("{\"reduce\":[{\"var\":\"list\"},{\"+\":[{\"var\":\"current\"},{\"var\":\"accumulator\"}]},10]}", "16")]
    [InlineData("{\"reduce\":[{\"var\":\"missing\"},1,\"start\"]}", "\"start\"")]
    [InlineData("{\"extractFromUVCI\":[\"URN:UVCI:01:CN:TEST/5#7\",1]}", "\"CN\"")]
    [InlineData("{\"extractFromUVCI\":[\"01:CN:TEST/5#7\",4]}", "\"7\"")]
    [InlineData("{\"extractFromUVCI\":[\"01:CN\",9]}", "null")]
    [InlineData("{\"extractFromUVCI\":[{\"var\":\"none\"},0]}", "null")]
    public void Operations(string logic, string expected) => AssertValue(expected, logic);

    [Theory]
    [InlineData("2022", "2022-12-31T00:00:00.000Z")]
    [InlineData("2024-02", "2024-02-29T00:00:00.000Z")]
    [InlineData("2022-03-01", "2022-03-01T00:00:00.000Z")]
    [InlineData("2022-03-01T08:00:00", "2022-03-01T08:00:00.000Z")]
    [InlineData("2022-03-01T08:00:00.1239Z", "2022-03-01T08:00:00.123Z")]
    [InlineData("2022-03-01T08:00:00.5+8", "2022-03-01T00:00:00.500Z")]
    [InlineData("2022-03-01T08:00:00+08", "2022-03-01T00:00:00.000Z")]
    [InlineData("2022-03-01T08:00:00-130", "2022-03-01T09:30:00.000Z")]
    [InlineData("2022-03-01T08:00:00+0130", "2022-03-01T06:30:00.000Z")]
    [InlineData("2022-03-01T08:00:00+1:30", "2022-03-01T06:30:00.000Z")]
    [InlineData("2022-03-01T08:00:00+01:30", "2022-03-01T06:30:00.000Z")]
    public void Times_are_read_in_every_allowed_spelling(string text, string expected) => AssertValue($"\"{expected}\"", $$"""{"plusTime":["{{text}}",0,"hour"]}""");

    [Theory]
    [InlineData("2022-13")]
    [InlineData("2022-02-30")]
    [InlineData("0000")]
    [InlineData("2022-03-01 08:00:00")]
    [InlineData("2022-03-01T08:00")]
    [InlineData("2022-03-01T24:00:00")]
    [InlineData("2022-03-01T08:00:00z")]
    [InlineData("2022-03-01\n")]
    [InlineData("٢٠٢٢-03-01")]
    [InlineData("")]
    public void Other_spellings_are_refused_without_repeating_them(string text)
    {
        var logic = $$"""{"plusTime":[{{JsonSerializer.Serialize(text)}},0,"hour"]}""";
        Assert.Equal($"a string of {text.Length} characters that is no date or date-time in an allowed format", Assert.Throws<CertLogicException>(() => Evaluate(logic)).Message);
    }

    [Theory]
    [InlineData("2020-02-29", 1, "day", "2020-03-01")]
    [InlineData("2020-02-29", 1, "month", "2020-03-29")]
    [InlineData("2020-02-29", 1, "year", "2021-03-01")]
    [InlineData("2020-02-29", -4, "year", "2016-02-29")]
    [InlineData("2022-01-31", 1, "month", "2022-03-03")]
    [InlineData("2022-01-15", -1, "month", "2021-12-15")]
    [InlineData("2022-01-15", -25, "month", "2019-12-15")]
    [InlineData("2022-01-01", -24, "hour", "2021-12-31")]
    public void Adding_time_runs_over_as_the_specification_says(string from, int amount, string unit, string expected) =>
        AssertValue($"\"{expected}T00:00:00.000Z\"", $$"""{"plusTime":["{{from}}",{{amount}},"{{unit}}"]}""");

    [Fact]
    public void Date_times_compare_by_instant_also_between_two_others()
    {
        const string Morning = """{"plusTime":["2022-03-01T08:00:00+08:00",0,"day"]}""", SameMoment = """{"plusTime":["2022-03-01",0,"day"]}""", Evening = """{"plusTime":["2022-03-01",20,"hour"]}""";
        AssertValue("true", $$"""{"not-after":[{{Morning}},{{SameMoment}},{{Evening}}]}""");
        AssertValue("false", $$"""{"before":[{{Morning}},{{SameMoment}},{{Evening}}]}""");
        AssertValue("true", $$"""{"after":[{{Evening}},{{Morning}}]}""");
        AssertValue("true", $$"""{"not-before":[{{Evening}},{{Morning}}]}""");
    }

    [Theory]
    [InlineData("2004", "2004-12-31")]
    [InlineData("2004-02", "2004-02-29")]
    [InlineData("2004-02-03", "2004-02-03")]
    public void A_partial_birth_date_is_the_last_day_it_can_be(string birth, string day) => AssertValue($"\"{day}T00:00:00.000Z\"", $$"""{"dccDateOfBirth":["{{birth}}"]}""");

    [Fact]
    public void A_birth_date_has_no_time() => Assert.Throws<CertLogicException>(() => Evaluate("""{"dccDateOfBirth":["2004-02-03T00:00:00Z"]}"""));

    [Theory]
    [InlineData("null", "invalid CertLogic expression")]
    [InlineData("1.5", "1.5 is a non-integer number")]
    [InlineData("{}", "expression object must have exactly one key, but it has 0")]
    [InlineData("{\"and\":[true]}", "\"and\" takes 2 or more operands, but it has 1")]
    [InlineData("{\"<\":[1]}", "\"<\" takes 2 or 3 operands, but it has 1")]
    [InlineData("{\"if\":[true,1]}", "\"if\" takes 3 operands, but it has 2")]
    [InlineData("{\"plusTime\":[\"2022\",\"1\",\"day\"]}", "the second operand of \"plusTime\" must be an integer")]
    [InlineData("{\"plusTime\":[\"2022\",1,\"week\"]}", "the third operand of \"plusTime\" must be one of year, month, day, hour")]
    [InlineData("{\"var\":\"a..b\"}", "data access path doesn't have a valid format: a..b")]
    [InlineData("{\"if\":[true,1,{\"or\":[1,2]}]}", "unrecognised operator: \"or\"")]
    public void The_check_finds_what_is_wrong_without_evaluating(string logic, string message) =>
        Assert.Equal(message, Assert.Single(CertLogic.Check(JsonElement.Parse(logic))).Message);

    [Fact]
    public void Half_a_surrogate_pair_is_refused_and_nothing_else_happens()
    {
        Assert.NotEmpty(CertLogic.Check(JsonElement.Parse("""["\ud800"]""")));
        Assert.Throws<CertLogicException>(() => CertLogic.Evaluate(JsonElement.Parse("""{"var":"a"}"""), JsonElement.Parse("""{"a":"\ud800"}""")));
    }

    private static void AssertValue(string expected, string logic) => Assert.Equal(expected, Evaluate(logic).GetRawText());

    private static JsonElement Evaluate(string logic) => CertLogic.Evaluate(
        JsonElement.Parse(logic),
        JsonElement.Parse("""{"a":7,"list":[1,2,3],"half":0.5,"text":"t","none":null,"empty":[],"object":{"x":{"y":"z"}}}"""));
}

using EdgeGate.Access;
using EdgeGate.Service.Demo;

namespace EdgeGate.Service.Tests.Demo;

public class VisitorTests
{
    private static readonly Visitor[] Crowd = [.. Visitor.Crowd(seed: 7).Take(400)];

    [Fact]
    public void The_crowd_is_the_same_for_the_same_seed() => Assert.Equal(Crowd, Visitor.Crowd(seed: 7).Take(400));

    [Fact]
    public void Every_errand_comes_within_the_first_forty() =>
        Assert.Equal(Enum.GetValues<Errand>(), Crowd.Take(40).Select(visitor => visitor.Errand).Distinct().Order());

    [Fact]
    public void Nobody_is_a_person_that_could_exist() => Assert.All(Crowd.Where(visitor => visitor.UsesCard), visitor =>
    {
        Assert.StartsWith("999999", visitor.Shows, StringComparison.Ordinal);
        Assert.True(CitizenNumber.TryParse(visitor.Shows, out var number));
        Assert.Equal(visitor.Errand is not Errand.WrongCheckDigit, number.HasValidCheckDigit);
        Assert.NotNull(number.BirthDate);
        Assert.StartsWith("测试", visitor.Name, StringComparison.Ordinal);
    });

    [Fact]
    public void No_two_neighbours_show_the_same_or_one_would_be_taken_for_the_other() =>
        Assert.All(Crowd.Zip(Crowd.Skip(1)), pair => Assert.NotEqual(pair.First.Shows, pair.Second.Shows));
}

using System.Text.Json;
using EdgeGate.HealthCodes.BusinessRules;
using Xunit.Abstractions;

namespace EdgeGate.HealthCodes.Tests.BusinessRules;

/// <summary>The official CertLogic 1.3.3 test suites: a table for each file, misses by name.</summary>
public class CertLogicSuiteTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Every_assertion_of_the_official_test_suite_is_met()
    {
        var assertions = CertLogicVectors.Assertions.ToList();
        Skip.If(assertions.Count == 0, CertLogicVectors.None);
        Judge(assertions.Where(assertion => !assertion.SkippedUpstream), assertion => assertion.File, assertion =>
        {
            var actual = CertLogic.Evaluate(assertion.Logic, assertion.Data);
            return JsonElement.DeepEquals(assertion.Expected, actual) ? null : $"expected {assertion.Expected}, but was {actual}";
        });
        foreach (var file in assertions.Where(assertion => assertion.SkippedUpstream).CountBy(assertion => assertion.File))
            output.WriteLine($"{file.Key,-44} {file.Value,5} cases skipped upstream (an extension that the specification does not have)");
    }

    [SkippableFact]
    public void Every_expression_of_the_official_validation_suite_is_judged_as_expected()
    {
        var validations = CertLogicVectors.Validations.ToList();
        Skip.If(validations.Count == 0, CertLogicVectors.None);
        Judge(validations, validation => validation.File, validation =>
        {
            var actual = CertLogic.Check(validation.Logic).Select(issue => issue.Message).ToList();
            return actual.SequenceEqual(validation.Messages) ? null : $"expected [{string.Join("; ", validation.Messages)}], but was [{string.Join("; ", actual)}]";
        });
    }

    private void Judge<T>(IEnumerable<T> cases, Func<T, string> file, Func<T, string?> miss) where T : notnull
    {
        var missed = new List<string>();
        output.WriteLine($"{"file",-44} {"cases",5} {"met",5} {"missed",6}");
        foreach (var group in cases.GroupBy(file))
        {
            var misses = group.Select(one => (Case: one, Why: Try(one))).Where(one => one.Why is not null).Select(one => $"{one.Case}: {one.Why}").ToList();
            output.WriteLine($"{group.Key,-44} {group.Count(),5} {group.Count() - misses.Count,5} {misses.Count,6}");
            missed.AddRange(misses);
        }
        Assert.True(missed.Count == 0, string.Join(Environment.NewLine, missed));

        string? Try(T one)
        {
            try
            {
                return miss(one);
            }
            catch (CertLogicException refused)
            {
                return "refused: " + refused.Message;
            }
        }
    }
}

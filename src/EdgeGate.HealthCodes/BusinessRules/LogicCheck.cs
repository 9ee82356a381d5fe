using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>Finds out, without evaluating, whether an expression keeps the specification's form.</summary>
internal sealed partial class LogicCheck
{
    private const int MaxIssues = 100;

    private readonly List<CertLogicIssue> _issues = [];
    private readonly Budget _budget;

    private LogicCheck(CertLogicLimits limits) => _budget = new Budget(limits);

    public static IReadOnlyList<CertLogicIssue> Run(JsonElement logic, CertLogicLimits limits)
    {
        var check = new LogicCheck(limits);
        try
        {
            check.Expression(logic);
        }
        catch (CertLogicException overLimit)
        {
            check.Report(logic, overLimit.Message);
        }
        catch (InvalidOperationException) // what System.Text.Json says to half a surrogate pair
        {
            check.Report(logic, "a string that is not Unicode text");
        }
        return check._issues;
    }

    private void Report(JsonElement expression, string message)
    {
        if (_issues.Count < MaxIssues)
            _issues.Add(new CertLogicIssue(expression, message));
    }

    private void Expression(JsonElement expression)
    {
        _budget.Step();
        using var level = _budget.Descend();
        switch (expression.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                break;
            case JsonValueKind.String:
                _ = expression.GetString(); // throws when it is not Unicode
                break;
            case JsonValueKind.Number when LogicValue.IsInteger(expression, out _):
                break;
            case JsonValueKind.Number:
                Report(expression, $"{expression.GetRawText()} is a non-integer number");
                break;
            case JsonValueKind.Array:
                _budget.CheckLength(expression.GetArrayLength());
                foreach (var item in expression.EnumerateArray())
                    Expression(item);
                break;
            case JsonValueKind.Object when expression.GetPropertyCount() == 1:
                var operation = expression.EnumerateObject().First();
                Operation(expression, operation.Name, operation.Value);
                break;
            case JsonValueKind.Object:
                Report(expression, $"expression object must have exactly one key, but it has {expression.GetPropertyCount()}");
                break;
            default:
                Report(expression, "invalid CertLogic expression");
                break;
        }
    }

    private void Operation(JsonElement expression, string name, JsonElement operands)
    {
        if (name is "var")
            Path(expression, operands);
        else if (operands.ValueKind != JsonValueKind.Array)
            Report(expression, "operation not of the form { \"<operator>\": [ <values...> ] }");
        else if (Counts(name) is not var (fewest, most))
            Report(expression, $"unrecognised operator: \"{name}\"");
        else
            Operands(expression, name, operands, fewest, most);
    }

    private void Path(JsonElement expression, JsonElement path)
    {
        if (path.ValueKind != JsonValueKind.String)
            Report(expression, "not of the form { \"var\": \"<path>\" }");
        else if (path.GetString() is { } text && !PathForm().IsMatch(text))
            Report(expression, $"data access path doesn't have a valid format: {text}");
    }

    private static (int Fewest, int Most)? Counts(string name) => name switch
    {
        "!" or "dccDateOfBirth" => (1, 1),
        "===" or "in" or "+" or "extractFromUVCI" => (2, 2),
        "<" or ">" or "<=" or ">=" or "after" or "before" or "not-after" or "not-before" => (2, 3),
        "if" or "plusTime" or "reduce" => (3, 3),
        "and" => (2, int.MaxValue),
        _ => null,
    };

    private void Operands(JsonElement expression, string name, JsonElement operands, int fewest, int most)
    {
        var count = operands.GetArrayLength();
        _budget.CheckLength(count);
        if (count < fewest || count > most)
            Report(expression, $"\"{name}\" takes {(fewest == most ? $"{fewest}" : most == int.MaxValue ? $"{fewest} or more" : $"{fewest} or {most}")} operands, but it has {count}");
        var position = 0;
        foreach (var operand in operands.EnumerateArray())
        {
            switch (name, position++)
            {
                // These two stand in the expression as they are; the schema allows no expression for them.
                case ("plusTime" or "extractFromUVCI", 1) when !LogicValue.IsInteger(operand, out _):
                    Report(expression, $"the second operand of \"{name}\" must be an integer");
                    break;
                case ("plusTime", 2) when operand.ValueKind != JsonValueKind.String || !LogicTime.Units.Contains(operand.GetString()):
                    Report(expression, $"the third operand of \"plusTime\" must be one of {string.Join(", ", LogicTime.Units)}");
                    break;
                default:
                    Expression(operand);
                    break;
            }
        }
    }

    /// <summary>Empty, or names and indices separated by single dots.</summary>
    [GeneratedRegex(@"^([^.]+(\.[^.]+)*)?\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PathForm();
}

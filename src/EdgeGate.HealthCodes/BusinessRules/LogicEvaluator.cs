using System.Text.Json;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>Walks one expression. It relies on nothing that <see cref="LogicCheck"/> has found out: what it does not know, it refuses.</summary>
internal sealed class LogicEvaluator(Budget budget)
{
    /// <param name="logic">The expression.</param>
    /// <param name="scope">What <c>var</c> looks into; inside a lambda that is current and accumulator.</param>
    public LogicValue Evaluate(JsonElement logic, LogicValue scope)
    {
        using var level = budget.Descend();
        switch (logic.ValueKind)
        {
            case JsonValueKind.Object:
                budget.Step();
                return Operation(logic, scope);
            case JsonValueKind.Array:
                budget.Step();
                return new LogicValue.List(EvaluateAll(logic, scope));
            default:
                return LogicValue.From(logic, budget);
        }
    }

    private LogicValue Operation(JsonElement logic, LogicValue scope)
    {
        if (logic.GetPropertyCount() != 1)
            throw new CertLogicException($"an operation with {logic.GetPropertyCount()} names");
        var operation = logic.EnumerateObject().First();
        var (name, operands) = (operation.Name, operation.Value);
        if (name is "var")
            return Look(operands, scope);
        if (operands.ValueKind != JsonValueKind.Array)
            throw new CertLogicException($"the operands of \"{name}\" are no array");
        return name switch
        {
            "if" => If(Exactly(3, operands, name), scope),
            "and" => And(operands, scope),
            "!" => LogicValue.Of(!Truth(Evaluate(Exactly(1, operands, name)[0], scope), name)),
            "===" => LogicValue.Of(AreEqual(Values(2, operands, name, scope))),
            "in" => In(Values(2, operands, name, scope)),
            "+" => Sum(Values(2, operands, name, scope)),
            "<" or ">" or "<=" or ">=" or "after" or "before" or "not-after" or "not-before" => Compare(name, operands, scope),
            "plusTime" => PlusTime(Values(3, operands, name, scope)),
            "dccDateOfBirth" => new LogicValue.Instant(LogicTime.ParseBirthDate(TextOf(Values(1, operands, name, scope)[0], name))),
            "extractFromUVCI" => ExtractFromUci(Values(2, operands, name, scope)),
            "reduce" => Reduce(Exactly(3, operands, name), scope),
            _ => throw new CertLogicException($"unrecognised operator: \"{name}\""),
        };
    }

    private LogicValue Look(JsonElement path, LogicValue scope)
    {
        if (path.ValueKind != JsonValueKind.String)
            throw new CertLogicException("the path of \"var\" is no string");
        var found = scope;
        if (path.GetString() is { Length: > 0 } names)
        {
            foreach (var name in names.Split('.'))
            {
                budget.Step();
                found = found.Member(name, budget);
            }
        }
        return found;
    }

    private LogicValue If(JsonElement operands, LogicValue scope) => Evaluate(operands[Truth(Evaluate(operands[0], scope), "if") ? 1 : 2], scope);

    private LogicValue And(JsonElement operands, LogicValue scope)
    {
        if (operands.GetArrayLength() < 2)
            throw new CertLogicException("\"and\" takes two operands or more");
        var last = LogicValue.Nothing;
        foreach (var operand in operands.EnumerateArray())
        {
            last = Evaluate(operand, scope);
            if (!Truth(last, "and"))
                break;
        }
        return last;
    }

    private static bool AreEqual(LogicValue[] pair) => AreEqual(pair[0], pair[1]);

    private static bool AreEqual(LogicValue one, LogicValue other)
    {
        var isScalar = one is LogicValue.Null or LogicValue.Boolean or LogicValue.Integer or LogicValue.Text;
        if (!isScalar && one.Kind == other.Kind)
            throw new CertLogicException($"{one.Kind} cannot be compared for equality");
        return one == other;
    }

    private LogicValue In(LogicValue[] operands)
    {
        if (operands[1] is not LogicValue.List { Items: var items })
            throw new CertLogicException($"\"in\" looks into an array, not into {operands[1].Kind}");
        foreach (var item in items)
        {
            budget.Step();
            if (AreEqual(operands[0], item))
                return LogicValue.Of(true);
        }
        return LogicValue.Of(false);
    }

    private static LogicValue.Integer Sum(LogicValue[] operands) => operands is [LogicValue.Integer one, LogicValue.Integer other]
        ? one.Plus(other)
        : throw new CertLogicException($"\"+\" adds two integers, not {operands[0].Kind} and {operands[1].Kind}");

    /// <summary>With two operands as usual; with three, each must stand so to the next.</summary>
    private LogicValue Compare(string name, JsonElement operands, LogicValue scope)
    {
        if (operands.GetArrayLength() is not (2 or 3))
            throw new CertLogicException($"\"{name}\" takes 2 or 3 operands, not {operands.GetArrayLength()}");
        var values = EvaluateAll(operands, scope);
        var holds = true;
        for (var i = 1; i < values.Length; i++)
            holds &= Stands(name, values[i - 1], values[i]); // all pairs, since an operand of the wrong kind is an error wherever it stands
        return LogicValue.Of(holds);
    }

    private static bool Stands(string name, LogicValue left, LogicValue right) => (name, left, right) switch
    {
        ("<", LogicValue.Integer a, LogicValue.Integer b) => a.Value < b.Value,
        (">", LogicValue.Integer a, LogicValue.Integer b) => a.Value > b.Value,
        ("<=", LogicValue.Integer a, LogicValue.Integer b) => a.Value <= b.Value,
        (">=", LogicValue.Integer a, LogicValue.Integer b) => a.Value >= b.Value,
        ("after", LogicValue.Instant a, LogicValue.Instant b) => a.Value > b.Value,
        ("before", LogicValue.Instant a, LogicValue.Instant b) => a.Value < b.Value,
        ("not-after", LogicValue.Instant a, LogicValue.Instant b) => a.Value <= b.Value,
        ("not-before", LogicValue.Instant a, LogicValue.Instant b) => a.Value >= b.Value,
        _ => throw new CertLogicException($"\"{name}\" does not compare {left.Kind} with {right.Kind}"),
    };

    private static LogicValue.Instant PlusTime(LogicValue[] operands) => operands is [var from, LogicValue.Integer amount, LogicValue.Text unit]
        ? new LogicValue.Instant(LogicTime.Add(LogicTime.Parse(TextOf(from, "plusTime")), amount.Value, unit.Value))
        : throw new CertLogicException("\"plusTime\" takes a string, an integer and a unit of time");

    /// <summary>The part of a certificate identifier with this index; parts are separated by /, # and colon, and URN:UVCI in front does not count.</summary>
    private static LogicValue ExtractFromUci(LogicValue[] operands)
    {
        if (operands[1] is not LogicValue.Integer { Value: var index })
            throw new CertLogicException($"the index of \"extractFromUVCI\" is {operands[1].Kind}");
        if (operands[0] is LogicValue.Null)
            return LogicValue.Nothing;
        var parts = TextOf(operands[0], "extractFromUVCI").Split('/', '#', ':').AsSpan();
        if (parts is ["URN", "UVCI", ..])
            parts = parts[2..];
        return index >= 0 && index < parts.Length ? new LogicValue.Text(parts[(int)index]) : LogicValue.Nothing;
    }

    private LogicValue Reduce(JsonElement operands, LogicValue scope)
    {
        var over = Evaluate(operands[0], scope);
        var accumulator = Evaluate(operands[2], scope);
        if (over is LogicValue.Null) // the test suite's answer to an array that is not there
            return accumulator;
        if (over is not LogicValue.List { Items: var items })
            throw new CertLogicException($"\"reduce\" works on an array, not on {over.Kind}");
        foreach (var item in items)
        {
            var inside = new Dictionary<string, LogicValue> { ["current"] = item, ["accumulator"] = accumulator };
            accumulator = Evaluate(operands[1], new LogicValue.Record(inside));
        }
        return accumulator;
    }

    private LogicValue[] Values(int count, JsonElement operands, string name, LogicValue scope) => EvaluateAll(Exactly(count, operands, name), scope);

    private LogicValue[] EvaluateAll(JsonElement expressions, LogicValue scope)
    {
        budget.CheckLength(expressions.GetArrayLength());
        var values = new LogicValue[expressions.GetArrayLength()];
        var index = 0;
        foreach (var expression in expressions.EnumerateArray())
            values[index++] = Evaluate(expression, scope);
        return values;
    }

    private static JsonElement Exactly(int count, JsonElement operands, string name) => operands.GetArrayLength() == count
        ? operands
        : throw new CertLogicException($"\"{name}\" takes {count} operands, not {operands.GetArrayLength()}");

    private static bool Truth(LogicValue value, string name) =>
        value.IsTruthy ?? throw new CertLogicException($"\"{name}\" cannot take {value.Kind} as true or false");

    private static string TextOf(LogicValue value, string name) =>
        value is LogicValue.Text { Value: var text } ? text : throw new CertLogicException($"\"{name}\" takes a string, not {value.Kind}");
}

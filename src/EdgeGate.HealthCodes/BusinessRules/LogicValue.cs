using System.Text.Json;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>What an expression evaluates to: JSON's values, with integers kept apart from other numbers, and date-times.</summary>
internal abstract record LogicValue
{
    private static readonly LogicValue None = new Null(), True = new Boolean(true), False = new Boolean(false);

    /// <summary>CertLogic's integers are JavaScript's: beyond this a double no longer tells neighbours apart.</summary>
    private const long MaxInteger = (1L << 53) - 1;

    /// <summary>
    /// True, false, or neither, and then <c>if</c>, <c>and</c> and <c>!</c> refuse it (specification, "Truthy and falsy values"): date-times
    /// and fractions.
    /// </summary>
    public virtual bool? IsTruthy => null;

    /// <summary>What a person reads in a message.</summary>
    public abstract string Kind { get; }

    public static LogicValue Of(bool value) => value ? True : False;

    public static LogicValue Nothing => None;

    /// <summary>One item of an array or one property of an object; null for everything that is not there.</summary>
    public virtual LogicValue Member(string name, Budget budget) => None;

    /// <summary>A value of the data. Objects stay as they are, since rules look at few of their properties.</summary>
    /// <exception cref="CertLogicException">Over a limit.</exception>
    public static LogicValue From(JsonElement json, Budget budget)
    {
        budget.Step();
        return json.ValueKind switch
        {
            JsonValueKind.True => True,
            JsonValueKind.False => False,
            JsonValueKind.Number => IsInteger(json, out var integer) ? new Integer(integer) : new Fraction(),
            JsonValueKind.String => new Text(json.GetString()!),
            JsonValueKind.Array => FromArray(json, budget),
            JsonValueKind.Object => new JsonObject(json),
            _ => None,
        };
    }

    /// <summary>42, and as in JavaScript also 42.0 and 4.2e1.</summary>
    public static bool IsInteger(JsonElement json, out long integer)
    {
        integer = 0;
        if (json.ValueKind != JsonValueKind.Number)
            return false;
        if (!json.TryGetInt64(out integer))
        {
            if (!json.TryGetDecimal(out var number) || decimal.Truncate(number) != number || Math.Abs(number) > MaxInteger)
                return false;
            integer = (long)number;
        }
        return integer is >= -MaxInteger and <= MaxInteger;
    }

    private static List FromArray(JsonElement json, Budget budget)
    {
        budget.CheckLength(json.GetArrayLength());
        using var level = budget.Descend();
        var items = new LogicValue[json.GetArrayLength()];
        var index = 0;
        foreach (var item in json.EnumerateArray())
            items[index++] = From(item, budget);
        return new List(items);
    }

    public sealed record Null : LogicValue
    {
        public override bool? IsTruthy => false;
        public override string Kind => "nothing";
    }

    public sealed record Boolean(bool Value) : LogicValue
    {
        public override bool? IsTruthy => Value;
        public override string Kind => "a boolean";
    }

    public sealed record Integer(long Value) : LogicValue
    {
        public override bool? IsTruthy => Value != 0;
        public override string Kind => "an integer";

        /// <exception cref="CertLogicException">The sum is beyond what every implementation can hold.</exception>
        public Integer Plus(Integer other) => Math.Abs(Value + other.Value) <= MaxInteger // both are within 53 bits: no overflow
            ? new Integer(Value + other.Value)
            : throw new CertLogicException("a sum beyond 53 bits");
    }

    /// <summary>A number that is not an integer. CertLogic has none; it may stand in the data and be looked for, nothing else.</summary>
    public sealed record Fraction : LogicValue
    {
        public override string Kind => "a fraction";
    }

    public sealed record Text(string Value) : LogicValue
    {
        public override bool? IsTruthy => Value.Length > 0;
        public override string Kind => "a string";
    }

    /// <summary>UTC, whole milliseconds.</summary>
    public sealed record Instant(DateTime Value) : LogicValue
    {
        public override string Kind => "a date-time";
    }

    public sealed record List(IReadOnlyList<LogicValue> Items) : LogicValue
    {
        public override bool? IsTruthy => Items.Count > 0;
        public override string Kind => "an array";

        public override LogicValue Member(string name, Budget budget) =>
            int.TryParse(name, System.Globalization.NumberStyles.None, null, out var index) && index < Items.Count ? Items[index] : None;
    }

    /// <summary>An object of the data.</summary>
    public sealed record JsonObject(JsonElement Json) : LogicValue
    {
        public override bool? IsTruthy => Json.EnumerateObject().MoveNext();
        public override string Kind => "an object";

        public override LogicValue Member(string name, Budget budget) => Json.TryGetProperty(name, out var member) ? From(member, budget) : None;
    }

    /// <summary>An object put together here: what <c>reduce</c> shows its lambda, and the outermost data of a rule.</summary>
    public sealed record Record(IReadOnlyDictionary<string, LogicValue> Members) : LogicValue
    {
        public override bool? IsTruthy => Members.Count > 0;
        public override string Kind => "an object";

        public override LogicValue Member(string name, Budget budget) => Members.GetValueOrDefault(name, None);
    }
}

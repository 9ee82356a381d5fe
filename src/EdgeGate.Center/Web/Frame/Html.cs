using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace EdgeGate.Center.Web.Frame;

/// <summary>
/// Markup. Made from an interpolated string whose holes are text: <c>Html.Of($"&lt;td&gt;{name}&lt;/td&gt;")</c> shows any name as it is, and only
/// what is <see cref="Html"/> itself stays markup. Holes belong between tags or inside quoted attributes; addresses are built by us.
/// </summary>
internal readonly record struct Html(string Markup)
{
    public static Html None { get; } = new("");

    public static Html Of(HtmlText text) => new(text.ToString());

    /// <summary>For an attribute without a value: <c>&lt;option {Html.If(isChosen, "selected")}&gt;</c>.</summary>
    public static Html If(bool condition, string attribute) => condition ? new(attribute) : None;

    public override string ToString() => Markup;
}

/// <summary>The compiler gives it the parts of an interpolated string one after the other.</summary>
[InterpolatedStringHandler]
internal readonly struct HtmlText(int literalLength, int holes)
{
    // Chinese as itself: the default would write each character as a number.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _markup = new(literalLength + (holes * 16));

    public void AppendLiteral(string markup) => _markup.Append(markup);

    public void AppendFormatted(Html markup) => _markup.Append(markup.Markup);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (var part in parts)
            _markup.Append(part.Markup);
    }

    public void AppendFormatted(string? text) => _markup.Append(Encoder.Encode(text ?? ""));

    /// <summary>Numbers and times, always in the invariant culture.</summary>
    public void AppendFormatted<T>(T value, string? format = null)
        where T : IFormattable => _markup.Append(Encoder.Encode(value.ToString(format, System.Globalization.CultureInfo.InvariantCulture)));

    public override string ToString() => _markup.ToString();
}

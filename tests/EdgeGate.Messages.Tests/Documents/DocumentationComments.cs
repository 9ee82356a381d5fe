using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EdgeGate.Messages.Tests.Documents;

/// <summary>The documentation comments of an assembly, as plain text: the compiler writes them beside it.</summary>
internal sealed partial class DocumentationComments
{
    private readonly Dictionary<string, XElement> _members;

    public DocumentationComments(Assembly assembly) =>
        _members = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    public string? Of(Type type) => Text(_members.GetValueOrDefault("T:" + NameOf(type))?.Element("summary"));

    /// <summary>That of a property stands at the property, or, when it comes from a positional record, at the record's parameter.</summary>
    public string? Of(JsonPropertyInfo property)
    {
        if (property.AttributeProvider is not MemberInfo { DeclaringType: { } type } member)
            return null;
        return Text(_members.GetValueOrDefault($"P:{NameOf(type)}.{member.Name}")?.Element("summary"))
            ?? Text(_members.GetValueOrDefault("T:" + NameOf(type))?.Elements("param").FirstOrDefault(parameter => parameter.Attribute("name")?.Value == member.Name));
    }

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        var words = string.Concat(element.DescendantNodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "see" or "paramref" } reference when (reference.Attribute("cref") ?? reference.Attribute("name"))?.Value is { } name => name[(name.LastIndexOfAny(['.', ':']) + 1)..],
            _ => "",
        }));
        return Blanks().Replace(words, " ").Trim() is { Length: > 0 } found ? found : null;
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blanks();
}

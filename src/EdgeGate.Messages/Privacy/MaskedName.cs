namespace EdgeGate.Messages.Privacy;

public static class MaskedName
{
    /// <summary>The first character and one star for each other, four at most: 测试一 becomes 测**. Null for an empty name.</summary>
    public static string? Of(string name)
    {
        var characters = name.EnumerateRunes().ToArray();
        return characters.Length == 0 ? null : characters[0] + new string('*', Math.Clamp(characters.Length - 1, 1, 4));
    }
}

namespace EdgeGate.Center.Ingest;

/// <summary>What somebody else wrote, so that PostgreSQL keeps it.</summary>
internal static class StorableText
{
    /// <summary>Without U+0000, and never cut through the middle of a character: half of one is no Unicode, and refused with the whole batch it came in.</summary>
    public static string Cut(string text, int longest)
    {
        var clean = text.Replace('\0', '?');
        return clean.Length <= longest ? clean : clean[..(char.IsHighSurrogate(clean[longest - 1]) ? longest - 1 : longest)];
    }
}

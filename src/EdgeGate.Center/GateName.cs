namespace EdgeGate.Center;

/// <summary>A gate among all sites.</summary>
internal readonly record struct GateName(string Site, string Gate)
{
    private const int Longest = 64;

    /// <returns>Null for what cannot be the name of a gate, whatever topic it stands in: no index takes a very long one, and PostgreSQL no U+0000.</returns>
    public static GateName? Of(string site, string gate) => IsPossible(site) && IsPossible(gate) ? new(site, gate) : null;

    public override string ToString() => $"{Site}/{Gate}";

    private static bool IsPossible(string name) => name.Length is > 0 and <= Longest && !name.Contains('\0');
}

using EdgeGate.Access.Registers;

namespace EdgeGate.Service.GuardPost.Rounds;

/// <summary>The code that hangs at a place of a round: <c>EGR1:site/place</c>. Not signed: a copy would be as good as the original, and the record says who claims it.</summary>
internal static class PlaceCode
{
    private const string Prefix = "EGR1:";

    public static string TextOf(string site, string place) => $"{Prefix}{site}/{place}";

    /// <summary>The place of a scanned code of this site, or of an id that was typed.</summary>
    /// <returns>Null when it is neither.</returns>
    public static string? PlaceIn(string written, string site)
    {
        var own = TextOf(site, "");
        var place = written.StartsWith(own, StringComparison.OrdinalIgnoreCase) ? written[own.Length..] : written; // wedge scanners with caps lock on send capitals
        return place.ToLowerInvariant() is var id && ListWord.IsValid(id) ? id : null;
    }
}

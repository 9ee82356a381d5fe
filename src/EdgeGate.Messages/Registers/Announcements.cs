using System.Buffers.Text;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Messages.Registers;

/// <summary>
/// What households announce at the center goes to the gates as entries of the list of passes: the unit, a masked name, from when until when, and one of these words. The gate
/// makes no difference between such a pass and any other; guards see it as somebody, or something, expected.
/// </summary>
public static class Announcements
{
    /// <summary>Statuses of entries.</summary>
    public const string Visitor = "visitor", Delivery = "delivery";

    /// <summary>What a delivery is: a word and no free text, for it stands in the list as a tag.</summary>
    public static IReadOnlyList<string> DeliveryKinds { get; } = ["parcel", "meal", "bulky", "other"];

    /// <summary>
    /// Tag of a delivery that a guard of any gate has noted something of: the pass stays good, so that who brought it gets out again, and no gate expects it any more.
    /// </summary>
    public const string Noted = "noted";

    /// <summary>How guards' records call it. Made with the site's secret, so that no record leads to the entry, and with it to the household, without that.</summary>
    /// <param name="pass">The entry's key.</param>
    public static Guid IdOf(PersonKeys keys, PersonKey pass)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new Guid(Base64Url.DecodeFromChars(keys.KeyOf("announcement", pass.ToString())).AsSpan(0, 16));
    }
}

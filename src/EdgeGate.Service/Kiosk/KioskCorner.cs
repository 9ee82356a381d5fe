using System.Text.Json.Serialization;

namespace EdgeGate.Service.Kiosk;

/// <summary>What stands small in the corner of the picture, and how the screen is to behave: about the gate, never about a person.</summary>
/// <param name="Hours">When the lane is open today; null when it always is, or nobody knows.</param>
/// <param name="Inside">How many people are inside; null while it is not known or nobody counts.</param>
/// <param name="Signs">Clock, devices and link, in this order.</param>
/// <param name="Volume">Of the prompts, in percent; 0 while the gate is to be silent.</param>
/// <param name="Night">The screen is dark while nobody is there.</param>
internal sealed record KioskCorner(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Bilingual? Hours,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Bilingual? Inside,
    IReadOnlyList<KioskSign> Signs,
    int Volume,
    bool Night)
{
    public static KioskCorner Empty { get; } = new(null, null, [], Volume: 0, Night: false);

    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, KioskJson.Shapes.KioskCorner);
}

/// <param name="Name">Chooses the symbol: clock, devices, link.</param>
/// <param name="Well">Shown beside the symbol, not by colour alone.</param>
internal sealed record KioskSign(string Name, bool Well, Bilingual Words);

/// <summary>One lane's screen: its picture, and what stands in the corner now.</summary>
internal sealed record KioskScreen(KioskBoard Board, Func<KioskCorner> Corner);

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Service.Kiosk.Voice;

namespace EdgeGate.Service.Kiosk;

/// <summary>
/// One <see cref="KioskView"/> as the page receives it: words already chosen, so that the page only draws. Says nothing
/// that the view does not say.
/// </summary>
/// <param name="Face">Chooses the colour: idle, reading, gathering, measure, granted, denied, seeGuard, listTooOld, outOfService, closed, free.</param>
/// <param name="Symbol">The same, but for gathering the evidence wanted: identity, healthCode, temperature.</param>
/// <param name="Title">Large.</param>
/// <param name="Advice">What to do next.</param>
/// <param name="Name">Masked; null when nobody is identified.</param>
/// <param name="Temperature">For example "36.5 °C"; null unless it may be shown.</param>
/// <param name="Notice">At the foot; null for none.</param>
/// <param name="Identifies">The notice is the gate's own name: it is made to stand out.</param>
internal sealed record KioskMessage(
    string Face, string Symbol, Bilingual Title, Bilingual Advice, string? Name, string? Temperature,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Bilingual? Notice,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Identifies)
{
    private const string Measure = "measure", ListTooOld = "listTooOld";

    /// <summary>How far from the thermometer, for example "5 cm"; null unless somebody is to be measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Distance { get; init; }

    /// <summary>The prompt that is spoken once when this picture comes up; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Say { get; init; }

    /// <summary>Tells the picture of one decision from that of the next.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Record { get; init; }

    public static KioskMessage For(KioskView view)
    {
        var words = KioskWords.For(view);
        var (face, symbol) = FaceOf(view);
        var temperature = view.Temperature is { } measured ? OneDecimal(measured.Hundredths) : null;
        return new(face, symbol, words.Title, words.Advice, view.MaskedName, temperature, view.Notice?.Words, view.Notice is { Rank: NoticeRank.Identification })
        {
            Distance = view is { MeasuredFrom: { } centimetres } && face is Measure ? $"{centimetres} cm" : null,
            Say = VoicePrompts.For(view) is { } prompt ? Camel(prompt) : null,
            Record = view.Record,
        };
    }

    /// <summary>A colour and a symbol for each thing a person may have to do, or to wait for.</summary>
    private static (string Face, string Symbol) FaceOf(KioskView view)
    {
        return view switch
        {
            { Face: KioskFace.Gathering, Wanted: [WantedEvidence.Temperature, ..] } => (Measure, Camel(WantedEvidence.Temperature)),
            { Face: KioskFace.Gathering, Wanted: [var wanted, ..] } => (Camel(view.Face), Camel(wanted)),
            // The gate's own trouble must not look like the person's.
            { Face: KioskFace.Denied or KioskFace.SeeGuard, Reasons: [DenyReason.ListTooOld or DenyReason.ListMissing, ..] } => Both(ListTooOld),
            _ => Both(Camel(view.Face)),
        };

        static (string, string) Both(string word) => (word, word);
    }

    public string ToJson() => JsonSerializer.Serialize(this, KioskJson.Shapes.KioskMessage);

    // Cut, not rounded: 37.29 is below a limit of 37.3 and must not be shown as 37.3 beside "please go ahead".
    private static string OneDecimal(int hundredths) =>
        (decimal.Truncate(hundredths / 10m) / 10m).ToString("0.0", CultureInfo.InvariantCulture) + " °C";

    private static string Camel<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

using EdgeGate.Center.People;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.People;

/// <summary>Words about files that several pages need.</summary>
internal static class PeopleWords
{
    public static string Of(Visit visit, FileKind kind) => kind switch
    {
        FileKind.Quarantine => visit.Say("居家隔离", "Quarantine"),
        FileKind.Fever => visit.Say("发热", "Fever"),
        FileKind.Arrival => visit.Say("外来返回", "Arrival"),
        _ => visit.Say("购药登记", "Medicine"),
    };

    public static string Of(Visit visit, FileEventKind kind) => kind switch
    {
        FileEventKind.Proposed => visit.Say("由门岗记录提出", "Proposed by a gate's record"),
        FileEventKind.Opened => visit.Say("建档", "Opened"),
        FileEventKind.Note => visit.Say("备注", "Note"),
        FileEventKind.ContactBound => visit.Say("绑定门磁", "Door contact bound"),
        FileEventKind.DoorOpened => visit.Say("开门", "Door opened"),
        FileEventKind.DoorClosed => visit.Say("关门", "Door closed"),
        FileEventKind.MeasureMissing => visit.Say("缺测", "Measure missing"),
        FileEventKind.Extended => visit.Say("延期", "Extended"),
        FileEventKind.Released => visit.Say("解除", "Released"),
        _ => visit.Say("不予建档", "Turned down"),
    };

    public static string Of(Visit visit, MeasureSource source) => source switch
    {
        MeasureSource.Officer => visit.Say("防疫员", "officer"),
        MeasureSource.Guard => visit.Say("上门人员", "on the round"),
        _ => visit.Say("住户", "household"),
    };

    public static Html Temperature(Visit visit, Measure? measure) => measure is null ? Html.Of($"""<span class="soft">—</span>""")
        : measure.Celsius is not { } celsius ? Html.Of($"""<span class="soft">{visit.Say("无法读取", "cannot be read")}</span>""")
        : measure.IsFever ? Html.Of($"""<span class="bad">{celsius:0.0} °C {visit.Say("发热", "fever")}</span>""")
        : Html.Of($"{celsius:0.0} °C");

    /// <summary>One field for a temperature, as phones show a number pad for it.</summary>
    public static Html TemperatureField(Visit visit, string id) => Html.Of(
        $"""
        <label for="{id}">{visit.Say("体温 °C", "Temperature °C")}</label>
        <input id="{id}" name="celsius" inputmode="decimal" autocomplete="off" pattern="[0-9]+([.,][0-9]+)?" maxlength="5" required>
        """);

    /// <returns>Null, when it is no temperature of a living person.</returns>
    public static decimal? TemperatureOf(IFormCollection form) =>
        decimal.TryParse(form["celsius"].ToString().Trim().Replace(',', '.'), System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var celsius)
            && celsius is >= Measure.Lowest and <= Measure.Highest ? celsius : null;

    public static string NoTemperature(Visit visit) => visit.Say($"体温应在 {Measure.Lowest:0} 到 {Measure.Highest:0} °C 之间。", $"A temperature lies between {Measure.Lowest:0} and {Measure.Highest:0} °C.");

    public static Html FaultLine(string? fault) => fault is null ? Html.None : Html.Of($"""<p class="fault" role="alert">{fault}</p>""");
}

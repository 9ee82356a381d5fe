using EdgeGate.Center.Privacy;
using EdgeGate.Center.Tracing;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Tracing;

/// <summary>
/// What an officer fills in. The ID number is keyed as it comes in and never written out again: from then on the page carries the keys, which say nothing to
/// whoever lacks the site's secret.
/// </summary>
internal sealed record TraceForm
{
    public const int MostMinutes = 24 * 60, MostDays = 366;

    public IReadOnlyList<byte[]>? Person { get; private init; }
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset To { get; init; }
    public int Minutes { get; private init; } = 5;
    public int Degrees { get; private init; } = 1;
    public string Purpose { get; private init; } = "";

    /// <summary>Two weeks until now: what is usually asked for.</summary>
    public static TraceForm Empty(Visit visit)
    {
        var now = visit.Time.GetUtcNow();
        return new() { From = now.AddDays(-14), To = now.AddMinutes(1) };
    }

    /// <summary>The question, ready to be asked; or the form as far as it is good, and what is wrong with it in words.</summary>
    /// <exception cref="Settings.CenterSettingsException">A site's secret cannot be read.</exception>
    public static (TraceForm Form, (TraceQuestion Question, Asker Asker)? Asked, string? Fault) Read(Visit visit, IFormCollection fields, PersonSearch search)
    {
        var empty = Empty(visit);
        var (from, to) = (visit.LocalTime(fields["from"].ToString()), visit.LocalTime(fields["to"].ToString()));
        var minutes = FormReading.Whole(fields["minutes"].ToString(), 1, MostMinutes);
        var typed = fields["number"].ToString().Trim();
        var form = new TraceForm
        {
            Person = typed.Length == 0 ? PersonSearch.Read(fields["person"].ToString()) : fields["kind"] == "code" ? search.KeysOfCode(typed) : search.KeysOfIdNumber(typed),
            From = from ?? empty.From,
            To = to ?? empty.To,
            Minutes = minutes ?? empty.Minutes,
            Degrees = fields["degrees"] == "2" ? 2 : 1,
            Purpose = fields["purpose"].ToString(),
        };
        var asker = Asker.Of(visit.Session.Account, form.Purpose, out _);
        var fault = !search.HasSites ? visit.Say("中心的设置里没有任何小区的密钥，无法查人。", "The center's settings name no site with its key: nobody can be found.")
            : form.Person is null ? visit.Say("这不是有效的身份证号。", "That is no ID number.")
            : from is null || to is null || from >= to || to - from > TimeSpan.FromDays(MostDays) ? visit.Say("时段不对：结束须晚于开始，最多一年。", "The period is not one: its end comes after its beginning, within a year.")
            : minutes is null ? visit.Say($"分钟数须为 1 到 {MostMinutes}。", $"The minutes must be 1 to {MostMinutes}.")
            : asker is null ? visit.Say("请写明用途（3 到 400 个字）。", "Say what it is for, in 3 to 400 characters.")
            : null;
        return (form, fault is null ? (new TraceQuestion(form.Person!, form.From, form.To, TimeSpan.FromMinutes(form.Minutes), form.Degrees), asker!) : null, fault);
    }

    /// <summary>The form's fields without anything to see, to ask the same once more.</summary>
    /// <param name="person">Whom to ask about.</param>
    public Html Hidden(Visit visit, IEnumerable<byte[]> person) => Html.Of(
        $"""
        {visit.FormToken}
        <input type="hidden" name="person" value="{PersonSearch.Write(person)}">
        <input type="hidden" name="from" value="{visit.LocalField(From)}"><input type="hidden" name="to" value="{visit.LocalField(To)}">
        <input type="hidden" name="minutes" value="{Minutes}"><input type="hidden" name="degrees" value="{Degrees}"><input type="hidden" name="purpose" value="{Purpose}">
        """);

    public Html Show(Visit visit, string? fault) => Html.Of(
        $"""
        <form method="post" action="/trace" class="card no-print" autocomplete="off">
          {visit.FormToken}
          <div class="row">
            <div><label for="number">{visit.Say("身份证号或通行码", "ID number or code")}</label>
              <input id="number" name="number" required maxlength="4096" spellcheck="false" autocomplete="off" aria-describedby="number-note"></div>
            <div class="short"><label for="kind">{visit.Say("类型", "It is")}</label>
              <select id="kind" name="kind"><option value="id">{visit.Say("身份证号", "an ID number")}</option><option value="code">{visit.Say("通行码", "a code")}</option></select></div>
            <div><label for="from">{visit.Say("从", "From")}</label><input id="from" name="from" type="datetime-local" value="{visit.LocalField(From)}" required></div>
            <div><label for="to">{visit.Say("到", "To")}</label><input id="to" name="to" type="datetime-local" value="{visit.LocalField(To)}" required></div>
            <div class="short"><label for="minutes">{visit.Say("前后几分钟", "± minutes")}</label><input id="minutes" name="minutes" type="number" min="1" max="{MostMinutes}" value="{Minutes}" required></div>
            <div class="short"><label for="degrees">{visit.Say("范围", "How far")}</label>
              <select id="degrees" name="degrees"><option value="1">{visit.Say("密接", "contacts")}</option><option value="2" {Html.If(Degrees == 2, "selected")}>{visit.Say("密接及次密接", "and theirs")}</option></select></div>
          </div>
          <label for="purpose">{visit.Say("用途", "What it is for")}</label>
          <input id="purpose" name="purpose" value="{Purpose}" minlength="3" maxlength="400" required>
          <p id="number-note" class="soft">{visit.Say("号码不保存，也不进日志；每次查询都连同账号和用途记入审计。", "The number is neither kept nor logged; every question is on record with account and purpose.")}</p>
          {(fault is null ? Html.None : Html.Of($"""<p class="fault" role="alert">{fault}</p>"""))}
          <button class="main">{visit.Say("追溯", "Trace")}</button>
        </form>
        """);
}

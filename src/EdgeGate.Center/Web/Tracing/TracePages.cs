using System.Buffers.Text;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tracing;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using Npgsql;

namespace EdgeGate.Center.Web.Tracing;

/// <summary>Who was near somebody: table, timeline, graph and CSV. Asked by a form only, so that no address anywhere names a person.</summary>
internal static class TracePages
{
    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (search, tracer) = (services.GetRequiredService<PersonSearch>(), services.GetRequiredService<Tracer>());
        pages.MapGet("/trace", Permission.Trace, visit => Task.FromResult(PageOf(visit, TraceForm.Empty(visit).Show(visit, fault: null))));
        pages.MapPost("/trace", Permission.Trace, (visit, fields) => AskAsync(visit, fields, search, tracer, (form, trace) =>
            PageOf(visit, Html.Of($"{form.Show(visit, fault: null)}{ResultOf(visit, form, trace)}"))));
        pages.MapPost("/trace/csv", Permission.Trace, (visit, fields) => AskAsync(visit, fields, search, tracer, (_, trace) => CsvOf(trace)));
    }

    private static async Task<IResult> AskAsync(Visit visit, IFormCollection fields, PersonSearch search, Tracer tracer, Func<TraceForm, Trace, IResult> show)
    {
        var form = TraceForm.Empty(visit);
        try
        {
            (form, var asked, var fault) = TraceForm.Read(visit, fields, search);
            return asked is var (question, asker)
                ? show(form, await tracer.AskAsync(question, asker, visit.Gone))
                : PageOf(visit, form.Show(visit, fault), StatusCodes.Status400BadRequest);
        }
        catch (CenterSettingsException unusable)
        {
            return PageOf(visit, TraceForm.Empty(visit).Show(visit, unusable.Message), StatusCodes.Status500InternalServerError);
        }
        catch (NpgsqlException slow) when (slow.InnerException is TimeoutException)
        {
            var fault = visit.Say("一次问得太多，没有得到答案：请缩短时段、减少分钟数，或只查一级。", "Too much for one question, and it was not answered: ask for fewer days, fewer minutes or one degree.");
            return PageOf(visit, form.Show(visit, fault), StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static IResult PageOf(Visit visit, Html body, int status = StatusCodes.Status200OK) => visit.Page(visit.Say("追溯", "Tracing"), body, status);

    private static Html ResultOf(Visit visit, TraceForm form, Trace trace) => Html.Of(
        $"""
        <dl class="figures">
          <div><dt>{visit.Say("本人通行", "Own passages")}</dt><dd>{trace.Passages.Count}</dd></div>
          <div><dt>{visit.Say("密接", "Contacts")}</dt><dd>{trace.Contacts.Count(contact => contact.Degree == 1)}</dd></div>
          <div><dt>{visit.Say("次密接", "Contacts of contacts")}</dt><dd>{trace.Contacts.Count(contact => contact.Degree == 2)}</dd></div>
        </dl>
        <p>{visit.When(form.From, "yyyy-MM-dd HH:mm")} – {visit.When(form.To, "yyyy-MM-dd HH:mm")}, ± {form.Minutes} {visit.Say("分钟", "min")}. {visit.Say("用途", "Purpose")}: {form.Purpose}</p>
        <form method="post" action="/trace/csv" class="no-print">{form.Hidden(visit, trace.Person)}<button>CSV</button> <button type="button" data-print>{visit.Say("打印", "Print")}</button></form>
        {UnheardOf(visit, trace)}
        <h2>{visit.Say("接触的人，最近的在前", "Persons near, the closest first")}</h2>
        {ContactsOf(visit, form, trace)}
        <div class="columns">
          <section class="card wide"><h2>{visit.Say("时间线", "Timeline")}</h2>{TraceTimeline.Of(visit, form, trace)}</section>
          <section class="card wide"><h2>{visit.Say("关系图", "Graph")}</h2>{TraceGraph.Of(visit, trace)}</section>
        </div>
        <h2>{visit.Say("本人通行", "Own passages")}</h2>
        {PassagesOf(visit, trace)}
        """);

    private static Html UnheardOf(Visit visit, Trace trace) => trace.Unheard.Count == 0 ? Html.None : Html.Of(
        $"<p class=\"warn\" role=\"status\">{visit.Say($"这些门岗还有记录没有送达，结果可能不全：{string.Join("，", trace.Unheard)}。请稍后再查。", $"Records of these gates are still missing, so there may have been more: {string.Join(", ", trace.Unheard)}. Ask again later.")}</p>");

    /// <summary>More than anybody reads on a screen; the CSV has all of them.</summary>
    private const int MostRows = 500;

    private static Html ContactsOf(Visit visit, TraceForm form, Trace trace)
    {
        if (trace.Contacts.Count == 0)
            return Html.Of($"""<p class="card">{visit.Say("没有人。", "Nobody.")}</p>""");
        var rows = trace.Contacts.Take(MostRows).Index().Select(item => RowOf(visit, form, trace, item.Index + 1, item.Item));
        return Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("接触的人", "Persons near")}"><table>
            <thead><tr><th scope="col" class="number">#</th><th scope="col">{visit.Say("人", "Person")}</th><th scope="col">{visit.Say("住处", "Unit")}</th><th scope="col">{visit.Say("级", "Degree")}</th>
            <th scope="col">{visit.Say("缘由", "Why")}</th><th scope="col">{visit.Say("首次", "First")}</th><th scope="col">{visit.Say("末次", "Last")}</th><th scope="col" class="no-print">{visit.Say("继续", "Go on")}</th></tr></thead>
            <tbody>{rows}</tbody></table></div>
            {(trace.Contacts.Count > MostRows ? Html.Of($"<p class=\"warn\">{visit.Say($"只列出最近的 {MostRows} 人，其余见 CSV。", $"The {MostRows} closest are listed; the CSV has all of them.")}</p>") : Html.None)}
            """);
    }

    private static Html RowOf(Visit visit, TraceForm form, Trace trace, int rank, Contact contact)
    {
        var through = contact.Through is { } via ? RankOf(trace, via) : null;
        return Html.Of(
            $"""
            <tr><td class="number">{rank}</td><th scope="row">{contact.MaskedName} <small class="mono">{ShortKey(contact.Person)}</small></th><td>{contact.Unit}</td><td>{contact.Degree}</td>
            <td>{ReasonOf(visit, contact)}{(contact.Clock is ClockGrade.Unset ? visit.Say("（时钟未校准，时间不可信）", " (by a clock that was not set)") : "")}{(through is { } carrier ? visit.Say($"，经 {carrier} 号", $", through no. {carrier}") : "")}</td>
            <td>{visit.When(contact.First, "MM-dd HH:mm")}</td><td>{visit.When(contact.Last, "MM-dd HH:mm")}</td>
            <td class="no-print"><form method="post" action="/trace">{form.Hidden(visit, [contact.Person])}<button class="quiet" aria-label="{visit.Say($"追溯 {rank} 号", $"Trace no. {rank}")}">{visit.Say("追溯", "Trace")}</button></form></td></tr>
            """);
    }

    private static Html PassagesOf(Visit visit, Trace trace)
    {
        var rows = trace.Passages.Select(passage => Html.Of(
            $"""
            <tr><td>{visit.When(passage.At, "yyyy-MM-dd HH:mm:ss")}{(passage.Clock is ClockGrade.Synchronised ? Html.None : Html.Of($" <small>{visit.Say("时钟未校准", "clock not set right")}</small>"))}</td>
            <th scope="row">{passage.Site}/{passage.Gate} {passage.Lane}</th><td>{(passage.Direction is Direction.Entry ? visit.Say("进", "in") : visit.Say("出", "out"))}</td><td>{CenterWords.Of(visit, passage.Outcome, passage.Taken)}{(passage.Visits is { } unit ? visit.Say($"，到访 {unit}", $", visits {unit}") : "")}</td></tr>
            """));
        return trace.Passages.Count == 0 ? Html.Of($"""<p class="card">{visit.Say("没有通行记录。", "No passage.")}</p>""") : Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("本人通行", "Own passages")}"><table>
            <thead><tr><th scope="col">{visit.Say("时间", "Time")}</th><th scope="col">{visit.Say("通道", "Lane")}</th><th scope="col">{visit.Say("方向", "Direction")}</th><th scope="col">{visit.Say("结果", "Outcome")}</th></tr></thead>
            <tbody>{rows}</tbody></table></div>
            """);
    }

    /// <summary>With a mark at the beginning, by which Excel knows UTF-8.</summary>
    private static Microsoft.AspNetCore.Http.HttpResults.FileContentHttpResult CsvOf(Trace trace)
    {
        using var text = new StringWriter();
        text.NewLine = "\r\n";
        TraceCsv.Write(trace, text);
        return TypedResults.File(Encoding.UTF8.GetBytes('\uFEFF' + text.ToString()), "text/csv; charset=utf-8", "trace.csv");
    }

    internal static string ShortKey(byte[] person) => Base64Url.EncodeToString(person)[..8];

    internal static int? RankOf(Trace trace, byte[] person)
    {
        foreach (var (index, contact) in trace.Contacts.Index())
        {
            if (contact.Person.AsSpan().SequenceEqual(person))
                return index + 1;
        }
        return null;
    }

    internal static string ReasonOf(Visit visit, Contact contact)
    {
        var nearest = contact.Nearest is { } span ? visit.Long(span) : "";
        return visit.Language is Language.English ? contact.Reason : (contact.Closeness, contact.Degree) switch
        {
            (Closeness.Household, _) => "同住一户",
            (Closeness.Visit, _) => $"到访 {contact.Unit}",
            (Closeness.Companion, 1) => $"同行 {contact.Times} 次，最近相隔 {nearest}",
            (Closeness.SameLane, 1) => $"同一通道 {contact.Times} 次，最近相隔 {nearest}",
            (Closeness.Stairwell, _) => "同一单元",
            (Closeness.Building, _) => "同一栋楼",
            _ => $"与密接相遇 {contact.Times} 次，最近相隔 {nearest}",
        };
    }
}

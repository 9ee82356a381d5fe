using System.Globalization;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Devices.Scanners;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Time;
using QRCoder;

namespace EdgeGate.Service.GuardPost.Http;

/// <param name="Lane">Where the person stands; missing in what a phone tells late.</param>
/// <param name="Form">Made by the phone; the same when it has to send again.</param>
/// <param name="EnteredAt">By the phone's clock, in what it tells late.</param>
/// <param name="SentAt">By the phone's clock too.</param>
internal sealed record RegisterForm(
    string? Lane, Guid? Form, string? Number, string? Name, string? Unit, string? Purpose, int? Companions, DateTimeOffset? EnteredAt, DateTimeOffset? SentAt);

internal sealed record VouchForm(string? Lane, string? Person);

internal sealed record ExpectForm(Guid? Form, string? Name, string? Unit, string? Purpose);

internal sealed record LeftForm(Guid? Visitor);

/// <param name="Code">As scanned or typed.</param>
internal sealed record ScanForm(string? Lane, string? Code);

internal sealed record VisitorsPicture(IReadOnlyList<VisitorPicture> Visitors);

internal sealed record VisitorPicture(Guid Id, string? Person, string? Name, string Unit, string Purpose, int Companions, VisitorState State, string At);

internal sealed record FoundPicture(IReadOnlyList<ResidentPicture> Residents);

internal sealed record ResidentPicture(string Person, string Name, string Unit, string Status);

/// <param name="Form">Made by the phone; the same when it has to send again.</param>
/// <param name="Visitor">Who was checked in.</param>
internal sealed record PassForm(Guid? Form, Guid? Visitor);

/// <param name="Rows">The code, quiet zone included: a text of 0 and 1 for each row, 1 for dark.</param>
/// <param name="Id">What is called back when the pass is lost.</param>
internal sealed record PassPicture(IReadOnlyList<string> Rows, string Id, string? Name, string Unit, string From, string Until);

/// <summary>Guards' own phones as readers of a lane.</summary>
/// <param name="All">By the lane's id.</param>
internal sealed record HandheldReaders(IReadOnlyDictionary<string, (string Reader, CodeIntake Codes)> All);

/// <summary>People without card or phone, visitors, and codes that a guard's phone reads.</summary>
internal static class VisitorEndpoints
{
    private const int LongestName = 40, LongestUnit = 32, MostCompanions = 50;

    /// <summary>However many households announce, whom guards checked in must be there to be checked out.</summary>
    private const int MostShown = AnnouncedAtHome.Most + VisitorBook.Most;

    public static void MapVisitors(this GuardApi api, IServiceProvider services)
    {
        var (lanes, desk) = (services.GetRequiredService<Lanes>(), services.GetRequiredService<VisitorDesk>());
        var clock = services.GetRequiredService<GateClock>();
        api.MapGet("/api/visitors", (_, _) => Task.FromResult<IResult>(TypedResults.Json(
            new VisitorsPicture([.. desk.Visitors.Take(MostShown).Select(PictureOf)]), GuardJson.Shapes.VisitorsPicture)));
        var guards = services.GetRequiredService<GuardDesk>();
        api.MapPost("/api/residents", shapes => shapes.FindForm, async (_, session, form) =>
        {
            if (form.Find is not { Length: > 0 and <= LongestName } find)
                return GuardApi.BadForm;
            if (await guards.RecordAsync(session, new GuardAction(GuardActionKind.LookUp, Words: new SealedGuardWords { Note = find })) is null)
                return LiveEndpoints.ResultOf(new DeskAnswer.NotRecorded()); // nobody goes through the lists unseen
            return TypedResults.Json(
                new FoundPicture([.. desk.Find(find.Trim()).Select(entry => new ResidentPicture(entry.Person.ToString(), entry.MaskedName, entry.Unit, entry.Terms.Status))]), GuardJson.Shapes.FoundPicture);
        });
        api.MapPost("/api/register", shapes => shapes.RegisterForm, async (_, session, form) =>
        {
            if (!CitizenNumber.TryParse(form.Number?.Trim(), out var number) || !IsOfSomebody(number, clock.Read()))
                return GuardApi.Refused(StatusCodes.Status400BadRequest, "bad-number");
            var lane = form.Lane is null ? null : lanes.Find(form.Lane);
            if (TypedOf(form, number) is not { } typed || form.Form is not { } id || (lane is null) != (form.EnteredAt is not null))
                return GuardApi.BadForm;
            return LiveEndpoints.ResultOf(await desk.RegisterAsync(session, lane, typed, id, ToldLate.Of(form.EnteredAt, form.SentAt)));
        });
        api.MapPost("/api/vouch", shapes => shapes.VouchForm, async (_, session, form) =>
            lanes.Find(form.Lane ?? "") is { } lane && PersonKey.TryParse(form.Person, out var person)
                ? LiveEndpoints.ResultOf(await desk.VouchAsync(session, lane, person))
                : GuardApi.BadForm);
        api.MapPost("/api/expect", shapes => shapes.ExpectForm, async (_, session, form) =>
            form is { Form: { } id, Name: { Length: > 0 and <= LongestName } name, Unit: { Length: > 0 and <= LongestUnit } unit, Purpose: { } purpose } && VisitorDesk.Purposes.Contains(purpose)
                ? LiveEndpoints.ResultOf(await desk.ExpectAsync(session, name, unit, purpose, id))
                : GuardApi.BadForm);
        api.MapPost("/api/visitor-left", shapes => shapes.LeftForm, async (_, session, form) =>
            form.Visitor is { } visitor ? LiveEndpoints.ResultOf(await desk.LeftAsync(session, visitor)) : GuardApi.BadForm);
        MapPasses(api, services.GetRequiredService<PassDesk>());
        var handhelds = services.GetRequiredService<HandheldReaders>();
        api.MapPost("/api/scan", shapes => shapes.ScanForm, async (_, session, form) =>
        {
            if (form is not { Lane: { } lane, Code: { Length: > 0 } code } || Encoding.UTF8.GetByteCount(code) > ScannedCode.MaxBytes || !handhelds.All.TryGetValue(lane, out var handheld))
                return GuardApi.BadForm;
            var record = await guards.RecordAsync(session, new GuardAction(GuardActionKind.Scan, lane)); // the guard who held the reader; the decision names it
            if (record is null && lanes.Find(lane)?.Options.OpenWhenJournalFails is not true)
                return LiveEndpoints.ResultOf(new DeskAnswer.NotRecorded());
            await handheld.Codes.TakeAsync(handheld.Reader, code, CancellationToken.None, record); // what comes of it is in the lane's picture, and on record like every presentation
            return LiveEndpoints.ResultOf(new DeskAnswer.Done());
        });
    }

    private static void MapPasses(GuardApi api, PassDesk passes) =>
        api.MapPost("/api/pass", shapes => shapes.PassForm, async (_, session, form) => form is not { Form: { } id, Visitor: { } visitor } ? GuardApi.BadForm
            : await passes.IssueAsync(session, visitor, id) switch
            {
                PassAnswer.Made made => TypedResults.Json(PictureOf(made), GuardJson.Shapes.PassPicture),
                PassAnswer.Failed { Why: var why } => LiveEndpoints.ResultOf(why),
                var unknown => throw new NotSupportedException(unknown.GetType().Name),
            });

    private static PassPicture PictureOf(PassAnswer.Made made)
    {
        using var code = QRCodeGenerator.GenerateQrCode(made.Text, QRCodeGenerator.ECCLevel.M); // as on printed sheets
        return new PassPicture(
            [.. code.ModuleMatrix.Select(row => string.Concat(row.Cast<bool>().Select(isDark => isDark ? '1' : '0')))],
            made.Pass.Id, made.Visitor.MaskedName, made.Visitor.Unit, made.Pass.NotBefore.ToString("MM-dd HH:mm"), made.Pass.ExpiresAt.ToString("MM-dd HH:mm"));
    }

    /// <summary>A number whose digits fit together, of somebody who has been born and may be alive.</summary>
    private static bool IsOfSomebody(CitizenNumber number, ClockReading now) =>
        number.HasValidCheckDigit && number.BirthDate is { } born && born.Year > 1880 && (now.Grade is ClockGrade.Unset || born <= DateOnly.FromDateTime(now.Wall.DateTime));

    private static TypedPerson? TypedOf(RegisterForm form, CitizenNumber number) =>
        form is { Name: { Length: > 0 and <= LongestName } name, Unit: { Length: <= LongestUnit } unit, Purpose: { } purpose } && VisitorDesk.Purposes.Contains(purpose)
            && form.Companions is null or (>= 0 and <= MostCompanions)
            ? new TypedPerson(number, form.Name!, form.Unit!, form.Purpose!, form.Companions ?? 0)
            : null;

    private static VisitorPicture PictureOf(Visitor visitor) => new(
        visitor.Id, visitor.Person, visitor.MaskedName, visitor.Unit, visitor.Purpose, visitor.Companions, visitor.State,
        visitor is { State: VisitorState.Expected, Announced: { } expected } ? PeriodOf(expected) : visitor.At.ToString("MM-dd HH:mm"));

    internal static string PeriodOf(Announced expected) => $"{expected.From:MM-dd HH:mm}–{expected.Until.ToString(expected.From?.Date == expected.Until.Date ? "HH:mm" : "MM-dd HH:mm", CultureInfo.InvariantCulture)}";
}

/// <param name="Find">The beginning of a unit, or of a name. Sent in a form and not in an address, which others keep.</param>
internal sealed record FindForm(string? Find);

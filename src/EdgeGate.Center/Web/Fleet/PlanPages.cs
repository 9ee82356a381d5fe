using EdgeGate.Center.Fleet;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Fleet;

/// <summary>The picture of a site's grounds, and where its gates stand on it.</summary>
internal static class PlanPages
{
    // What is uploaded is only ever looked at: nothing in a picture runs or loads, wherever it is opened.
    private const string PictureContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (plans, board) = (services.GetRequiredService<SiteGrounds>(), services.GetRequiredService<FleetBoard>());
        pages.MapGet("/plan/{site}/picture", Permission.SeeFleet, async visit =>
        {
            if (await plans.FindAsync(SiteOf(visit), visit.Gone) is not { } picture)
                return FleetPages.NoSuch(visit);
            visit.Http.Response.Headers.ContentSecurityPolicy = PictureContentSecurityPolicy;
            return TypedResults.Bytes(picture.Bytes, picture.ContentType);
        });
        pages.MapGet("/plan/{site}", Permission.EditPlan, visit => ShowAsync(visit, board, plans, fault: null));
        pages.MapPost("/plan/{site}/picture", Permission.EditPlan, async (visit, form) =>
        {
            if (form.Files.GetFile("picture") is not { Length: > 0 and <= SiteGrounds.LargestPicture } file)
                return await ShowAsync(visit, board, plans, visit.Say("图片须小于 3 MB。", "The picture must be smaller than 3 MB."));
            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes, visit.Gone);
            if (SiteGrounds.ContentTypeOf(bytes.ToArray()) is not { } type)
                return await ShowAsync(visit, board, plans, visit.Say("只接受 PNG、JPEG 或 SVG。", "PNG, JPEG or SVG only."));
            return await plans.PutAsync(SiteOf(visit), new PlanPicture(type, bytes.ToArray()), visit.Session.Account, visit.Gone) ? Visit.Redirect(EntrancePlan.PathOf(SiteOf(visit)), "done") : FleetPages.NoSuch(visit);
        });
        pages.MapPost("/plan/{site}/place", Permission.EditPlan, (visit, form) => PlaceAsync(visit, form, board, plans));
    }

    /// <summary>The form carries where the gate stood when it was drawn, so that of two people who place it at once neither undoes the other unknowingly.</summary>
    private static async Task<IResult> PlaceAsync(Visit visit, IFormCollection form, FleetBoard board, SiteGrounds plans)
    {
        var typed = TypedPlace.Of(form);
        if (FormReading.Whole(typed.X, 0, 1000) is not { } x || FormReading.Whole(typed.Y, 0, 1000) is not { } y)
            return await ShowAsync(visit, board, plans, visit.Say("位置须为 0 到 1000。", "A place is 0 to 1000 each way."), typed);
        if (await plans.PlaceAsync(new GateName(SiteOf(visit), typed.Gate), typed.Was, (x, y), visit.Gone))
            return Visit.Redirect(EntrancePlan.PathOf(SiteOf(visit)), "done");
        return await ShowAsync(visit, board, plans, visit.Say(
            $"没有摆放：您打开本页后，别人已摆放 {typed.Gate}，见上图。您填写的位置还在下面；再点“摆放”就会代替它。",
            $"Not placed: since you opened this page somebody placed {typed.Gate}, as shown below. What you typed is still there; placing it again puts it in place of theirs."), typed, StatusCodes.Status409Conflict);
    }

    private static string SiteOf(Visit visit) => visit.Http.Request.RouteValues["site"] as string ?? "";

    private static async Task<IResult> ShowAsync(Visit visit, FleetBoard board, SiteGrounds plans, string? fault, TypedPlace? typed = null, int? status = null)
    {
        var site = SiteOf(visit);
        var gates = (await board.GatesAsync(site, visit.Gone)).Where(gate => !gate.IsRetired).ToArray();
        if (gates.Length == 0)
            return FleetPages.NoSuch(visit);
        var hasPicture = (await plans.SitesWithPictureAsync(visit.Gone)).Contains(site);
        return visit.Page(visit.Say($"平面图：{site}", $"Plan of {site}"), Html.Of(
            $"""
            {(fault is null ? Html.None : Html.Of($"""<p class="fault" role="alert">{fault}</p>"""))}
            <div class="card">{EntrancePlan.Of(visit, site, gates, hasPicture)}</div>
            <div class="columns">
            <form method="post" action="{EntrancePlan.PathOf(site)}/place" class="card">{visit.FormToken}<h2>{visit.Say("摆放门岗", "Place a gate")}</h2>
              <p class="soft">{visit.Say("点击上图即可填入位置（千分之几，从左、从上）。", "Click the picture to fill in the place (in thousandths, from the left and the top).")}</p>
              <label for="gate">{visit.Say("门岗", "Gate")}</label><select id="gate" name="gate">{gates.Select(gate => Html.Of($"""<option value="{TypedPlace.FieldOf(gate)}" {Html.If(gate.Name.Gate == typed?.Gate, "selected")}>{gate.Name.Gate}</option>"""))}</select>
              <div class="row"><div class="short"><label for="x">{visit.Say("从左", "From the left")}</label><input id="x" name="x" type="number" min="0" max="1000" value="{typed?.X}" required></div>
              <div class="short"><label for="y">{visit.Say("从上", "From the top")}</label><input id="y" name="y" type="number" min="0" max="1000" value="{typed?.Y}" required></div></div>
              <button class="main">{visit.Say("摆放", "Place")}</button></form>
            <form method="post" action="{EntrancePlan.PathOf(site)}/picture" enctype="multipart/form-data" class="card">{visit.FormToken}<h2>{visit.Say("更换图片", "Change the picture")}</h2>
              <label for="picture">PNG, JPEG, SVG</label><input id="picture" name="picture" type="file" accept="image/png,image/jpeg,image/svg+xml" required>
              <button class="main">{visit.Say("上传", "Upload")}</button></form>
            </div>
            <p><a href="/fleet">{visit.Say("回到门岗", "Back to the gates")}</a></p>
            """), status ?? (fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest));
    }

    /// <summary>What was typed, and where the gate stood on the page that it was typed on.</summary>
    private sealed record TypedPlace(string Gate, (int X, int Y)? Was, string X, string Y)
    {
        public static string FieldOf(GateView gate) => gate.Place is { } place ? $"{gate.Name.Gate} {place.X} {place.Y}" : gate.Name.Gate;

        public static TypedPlace Of(IFormCollection form)
        {
            var field = form["gate"].ToString().Split(' ');
            var was = field is [_, var x, var y] && FormReading.Whole(x, 0, 1000) is { } left && FormReading.Whole(y, 0, 1000) is { } top ? (left, top) : ((int, int)?)null;
            return new TypedPlace(field[0], was, form["x"].ToString(), form["y"].ToString());
        }
    }
}

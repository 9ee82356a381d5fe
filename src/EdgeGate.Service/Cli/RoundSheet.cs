using System.Net;
using System.Text;
using EdgeGate.Service.GuardPost.Rounds;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary>Codes of places to print and hang up: one HTML file without a script or an address, as <see cref="PassSheet"/>.</summary>
internal static class RoundSheet
{
    private const int PerPage = 8;

    public static string Create(string site, IReadOnlyList<RoundPlaceSettings> places)
    {
        var html = new StringBuilder($"<!doctype html>\n<html lang=\"zh-Hans\"><head><meta charset=\"utf-8\"><title>{Escape(site)}</title><style>{PassSheet.Style}</style></head><body>\n");
        foreach (var page in places.Chunk(PerPage))
        {
            html.Append($"<section class=\"unit\"><h1>{Escape(site)} · 巡更点 Places of rounds</h1><div class=\"passes\">\n");
            foreach (var place in page)
                html.Append(One(site, place));
            html.Append("</div></section>\n");
        }
        return html.Append("</body></html>\n").ToString();
    }

    private static string One(string site, RoundPlaceSettings place) => $"""
        <article class="pass">{PassSheet.Qr(PlaceCode.TextOf(site, place.Id))}<div>
        <p class="name">{Escape(place.Name)}</p>
        <p class="place">{Escape(place.Building ?? "")}</p>
        <p class="until">{Escape(place.Id)}</p></div>
        <p class="note">巡更、消毒请在此扫码；扫不出时输入上面的编号。<br>Scan here on your round, or type the name above.</p></article>

        """;

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}

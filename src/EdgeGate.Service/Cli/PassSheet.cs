using System.Globalization;
using System.Net;
using System.Text;
using EdgeGate.HealthCodes.Passes;
using QRCoder;

namespace EdgeGate.Service.Cli;

/// <param name="Text">What the code says.</param>
/// <param name="MaskedName">Null for a pass to bearer.</param>
internal sealed record PrintedPass(EdgeGatePass Pass, string Text, string? MaskedName, string Unit);

/// <summary>Passes to print and cut out: one HTML file without a script or an address, a page for each household or building.</summary>
internal static class PassSheet
{
    private const int PerPage = 8;

    public static string Create(string site, IEnumerable<PrintedPass> passes)
    {
        var html = new StringBuilder($"<!doctype html>\n<html lang=\"zh-Hans\"><head><meta charset=\"utf-8\"><title>{Escape(site)}</title><style>{Style}</style></head><body>\n");
        foreach (var unit in passes.GroupBy(pass => pass.Unit, StringComparer.Ordinal))
        {
            foreach (var page in unit.Chunk(PerPage))
            {
                html.Append(CultureInfo.InvariantCulture, $"<section class=\"unit\"><h1>{Escape(site)} · 通行证 Passes{(unit.Key.Length > 0 ? " · " + Escape(unit.Key) : "")}</h1><div class=\"passes\">\n");
                foreach (var pass in page)
                    html.Append(One(pass));
                html.Append("</div></section>\n");
            }
        }
        return html.Append("</body></html>\n").ToString();
    }

    /// <summary>The code as a picture of lines and squares, good at any size.</summary>
    public static string Qr(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M); // a fold or a thumb takes less than 15 %
        using var picture = new SvgQRCode(code);
        return picture.GetGraphic(1, "#000", "#fff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }

    private static string One(PrintedPass printed)
    {
        var pass = printed.Pass;
        var way = pass.Directions switch { PassDirections.Entry => "仅限进入 entry only", PassDirections.Exit => "仅限外出 exit only", _ => "出入 in and out" };
        var gates = pass.Gates.Contains(EdgeGatePass.EveryGate) ? "" : " · " + string.Join(" ", pass.Gates);
        var uses = pass.Uses is { } count ? string.Create(CultureInfo.InvariantCulture, $"<br>限用 {count} 次 · {count} {(count == 1 ? "use" : "uses")}") : "";
        return $"""
            <article class="pass">{Qr(printed.Text)}<div>
            <p class="name">{Escape(printed.MaskedName ?? "持证人 Bearer")}</p>
            <p class="place">{Escape(printed.Unit)}</p>
            <p class="until">{Day(pass.NotBefore)} 起<br>{Day(pass.ExpiresAt)} 止<br>{way}{Escape(gates)}{uses}</p></div>
            <p class="note">请将二维码对准扫描窗口。遗失请立即报告。编号 {Escape(pass.Id)}<br>Hold the code to the scanner. Report a lost pass at once.</p></article>

            """;
    }

    internal static string Style
    {
        get
        {
            using var css = new StreamReader(typeof(PassSheet).Assembly.GetManifestResourceStream("pass-sheet.css")!);
            return css.ReadToEnd();
        }
    }

    private static string Day(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}

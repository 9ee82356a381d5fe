using EdgeGate.Center.Web.Frame;
using QRCoder;

namespace EdgeGate.Center.Web.Registers;

/// <summary>A QR code as lines and squares, good at any size, dark on light by day and by night.</summary>
internal static class QrPicture
{
    public static Html Of(string text, string label)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M); // a fold or a thumb takes less than 15 %
        using var picture = new SvgQRCode(code);
        return Html.Of($"""<div class="qr" role="img" aria-label="{label}">{new Html(picture.GetGraphic(1, "#000", "#fff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute))}</div>""");
    }
}

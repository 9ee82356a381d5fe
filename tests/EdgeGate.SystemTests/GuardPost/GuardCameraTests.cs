using System.Diagnostics;
using Microsoft.Playwright;
using QRCoder;

namespace EdgeGate.SystemTests.GuardPost;

/// <summary>A browser that reads no codes itself (Debian's Chromium is one) with the module that an installer put on the gate.</summary>
public sealed class GuardCameraTests(Chromium chromium) : IClassFixture<Chromium>
{
    /// <summary>Before the camera hangs a sheet of paper with a code.</summary>
    private static string CameraBefore(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = string.Join(',', code.ModuleMatrix.Select(row => $"\"{string.Concat(row.Cast<bool>().Select(isDark => isDark ? '1' : '0'))}\""));
        return $$"""
            navigator.mediaDevices.getUserMedia = async () => {
              const rows = [{{rows}}], paper = document.createElement('canvas'), pen = paper.getContext('2d');
              [paper.width, paper.height] = [640, 480];
              setInterval(() => {
                pen.fillStyle = '#ddd';
                pen.fillRect(0, 0, 640, 480);
                pen.fillStyle = '#222';
                rows.forEach((row, y) => [...row].forEach((bit, x) => bit === '1' && pen.fillRect(120 + x * 9, 40 + y * 9, 9, 9)));
              }, 50);
              return paper.captureStream(20);
            };
            """;
    }

    [SkippableFact]
    public async Task The_installed_module_reads_a_code_from_the_camera_and_it_goes_through_the_lanes_rules()
    {
        await using var site = await GuardPostSite.StartAsync();
        Skip.IfNot(await InstallAsync(site.DataDirectory), "zxing-wasm could not be fetched from npm: hardware/deploy/camera-module.sh");
        var phone = await GuardPhone.OpenAsync(chromium, site, before: CameraBefore("EDGE-0007"));
        await phone.SignInAsync();
        await phone.TouchAsync("扫码");

        await phone.TouchAsync("打开相机");

        await Assertions.Expect(phone.Page.Locator(".answer[data-face=granted]")).ToBeVisibleAsync();
        await phone.PictureAsync("camera");
        Assert.InRange(await phone.Checks.BytesTransferredAsync(butNot: "/guard/camera/"), 10_000, 150_000);
        await phone.TouchAsync("关闭相机");
        Assert.Empty(phone.Checks.Complaints);

        await File.AppendAllTextAsync(Path.Combine(site.DataDirectory, "camera", "share.js"), "\n// altered");
        using var http = new HttpClient();
        using var altered = await http.GetAsync(new Uri(site.Page, "/guard/camera/share.js"), CancellationToken.None);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, altered.StatusCode);
    }

    private static async Task<bool> InstallAsync(string dataDirectory)
    {
        var script = new ProcessStartInfo("/bin/sh", [Path.Combine(RepositoryFolder(), "hardware", "deploy", "camera-module.sh"), dataDirectory]) { RedirectStandardError = true, UseShellExecute = false };
        using var installing = Process.Start(script)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        var said = installing.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await installing.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            installing.Kill(entireProcessTree: true); // no network answers here
            return false;
        }
        Assert.DoesNotContain("This is not", await said, StringComparison.Ordinal); // another package than was tested
        return installing.ExitCode == 0;
    }

    private static string RepositoryFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EdgeGate.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("the tests run from within the repository");
        return folder;
    }
}

using System.Net;
using System.Text.Json;
using EdgeGate.Service.GuardPost;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>What phones load: the page, what keeps it there, and the camera module.</summary>
public sealed class PageFilesTests : IAsyncLifetime
{
    private GuardPostHost _host = null!;
    private GuardBrowser _nobody = null!;

    public async Task InitializeAsync()
    {
        _host = await GuardPostHost.StartAsync();
        _nobody = _host.NewBrowser();
    }

    public async Task DisposeAsync()
    {
        _nobody.Dispose();
        await _host.DisposeAsync();
    }

    private Task<HttpResponseMessage> GetAsync(string path) => _nobody.Http.GetAsync(path, CancellationToken.None);

    private static string PolicyOf(HttpResponseMessage answer) => string.Join(' ', answer.Headers.GetValues("Content-Security-Policy"));

    [Fact]
    public async Task The_service_worker_keeps_every_file_of_the_page_and_changes_with_them()
    {
        using var answer = await GetAsync("/guard/sw.js");
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');

        Assert.Equal("/guard", Assert.Single(answer.Headers.GetValues("Service-Worker-Allowed")));
        Assert.Matches("^const VERSION = '[0-9a-f]{16}';$", lines[0]);
        var files = JsonSerializer.Deserialize<string[]>(lines[1]["const FILES = ".Length..^1])!;
        Assert.Contains("/guard", files);
        Assert.Contains("/guard/guard.js", files);
        Assert.DoesNotContain("/guard/sw.js", files); // a worker that keeps itself is never renewed
        foreach (var file in files)
        {
            using var kept = await GetAsync(file);
            Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        }
    }

    [Fact]
    public async Task Only_the_worker_that_reads_codes_may_compile_anything()
    {
        using var page = await GetAsync("/guard");
        using var worker = await GetAsync("/guard/camera-worker.js");

        Assert.DoesNotContain("unsafe", PolicyOf(page), StringComparison.Ordinal);
        Assert.Contains("'wasm-unsafe-eval'", PolicyOf(worker), StringComparison.Ordinal);
        Assert.DoesNotContain("'unsafe-eval'", PolicyOf(worker), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_module_of_other_bytes_than_those_that_were_tested_is_given_to_nobody()
    {
        foreach (var file in CameraModule.Files.Keys)
        {
            var path = Path.Combine(_host.Lane.PathOf("camera"), file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, "export const readBarcodes = () => [];");
            using var answer = await GetAsync("/guard/camera/" + file);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }
}

using System.Diagnostics;

namespace EdgeGate.SystemTests.Soak;

/// <summary>A file system of its own, in a file: small enough to be filled. Needs root and a loop device.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _image;
    private readonly string _at;

    private SmallDisk(string image, string at) => (_image, _at) = (image, at);

    private string Filler => Path.Combine(_at, "filler");

    /// <returns>Null where this machine does not let us mount.</returns>
    public static async Task<SmallDisk?> TryMountAsync(string image, string at, int megabytes)
    {
        await using (var file = File.Create(image))
            file.SetLength(megabytes * 1024L * 1024);
        Directory.CreateDirectory(at);
        if (await RunAsync("/sbin/mkfs.ext4", "-q", "-m", "0", image) && await RunAsync("mount", "-o", "loop", image, at))
            return new SmallDisk(image, at);
        File.Delete(image);
        return null;
    }

    /// <summary>Not a byte is left, but for what the gate holds in reserve.</summary>
    public async Task FillAsync()
    {
        foreach (var piece in (string[])["16M", "1M", "64K", "4K"])
        {
            for (var number = 0; await RunAsync("fallocate", "-l", piece, $"{Filler}-{piece}-{number}"); number++)
            {
            }
        }
    }

    public void Empty()
    {
        foreach (var filler in Directory.GetFiles(_at, "filler-*"))
            File.Delete(filler);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "--lazy", _at);
        File.Delete(_image);
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no such program
        }
    }
}

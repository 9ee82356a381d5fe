using System.ComponentModel;
using System.Diagnostics;

namespace EdgeGate.Service.Cli;

/// <summary>Reads the QR codes in a picture with Debian's zbarimg, when it is installed.</summary>
internal static class QrPicture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg"];

    public static bool IsPicture(string argument) => Extensions.Contains(Path.GetExtension(argument).ToLowerInvariant()) && File.Exists(argument);

    /// <returns>The codes' texts, one a line.</returns>
    /// <exception cref="QrPictureException">zbarimg is not installed, or found no code.</exception>
    public static async Task<string> ReadAsync(string file, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        using var zbar = Start(file);
        try
        {
            var output = zbar.StandardOutput.ReadToEndAsync(either.Token);
            var errors = zbar.StandardError.ReadToEndAsync(either.Token);
            var text = await output;
            await errors;
            await zbar.WaitForExitAsync(either.Token);
            return zbar.ExitCode == 0 && text.Length > 0 ? text : throw new QrPictureException($"{file}: no QR code was found in the picture");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new QrPictureException($"{file}: zbarimg did not finish within {Patience.TotalSeconds} s");
        }
        finally
        {
            if (!zbar.HasExited)
                zbar.Kill();
        }
    }

    private static Process Start(string file)
    {
        var start = new ProcessStartInfo("zbarimg") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (ReadOnlySpan<string>)["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", Path.GetFullPath(file)])
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new QrPictureException("Pictures are read by zbarimg, which is not installed: apt install zbar-tools; or give the code as text.");
        }
    }
}

internal sealed class QrPictureException(string message) : Exception(message);

namespace EdgeGate.Service.Kiosk.Voice;

/// <summary>At the first start, and after somebody has emptied the directory: makes the prompts that are missing. The gate waits for nothing of it.</summary>
internal sealed partial class VoiceMaking(VoiceFiles files, ILogger<VoiceMaking> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        if (files.AreComplete)
            return;
        if (!files.CanBeMade)
        {
            LogSilent(files.CannotBeMade);
            return;
        }
        try
        {
            await files.MakeAsync(anew: false, stoppingToken);
            LogMade(files.Directory);
        }
        catch (IOException failed)
        {
            LogSilent(failed.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "The voice prompts were made in {Directory}")]
    private partial void LogMade(string directory);

    [LoggerMessage(LogLevel.Warning, "The kiosk stays silent: {Cause}")]
    private partial void LogSilent(string cause);
}

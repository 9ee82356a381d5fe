using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace EdgeGate.Service.Kiosk.Voice;

/// <summary>The prompts as sound, in the data directory: <c>voice/zh/pass.wav</c>. Made on the gate by Debian's espeak-ng, so that no sound is shipped.</summary>
/// <param name="program">What speaks; takes the arguments of espeak-ng.</param>
internal sealed class VoiceFiles(string directory, string program = VoiceFiles.Espeak)
{
    private const string Espeak = "/usr/bin/espeak-ng";

    /// <summary>A fifth of a second at 22,050 samples of two bytes: no prompt is shorter, and what is was not written whole, as on a full disk.</summary>
    private const int FewestBytes = 8820;

    private static readonly TimeSpan LongestForOne = TimeSpan.FromSeconds(20);

    private static readonly (string Language, string Voice, int WordsPerMinute, Func<VoiceWords, string> Text)[] Languages =
        [("zh", "cmn-latn-pinyin", 150, words => words.Pinyin), ("en", "en-gb", 150, words => words.Words.En)];

    private volatile bool _complete;

    public bool CanBeMade => File.Exists(program);

    /// <summary>What to tell an installer where they cannot.</summary>
    public string CannotBeMade => $"{program} is missing: apt-get install espeak-ng, or bring {Prompts.Count()} files of another voice";

    public string Directory { get; } = directory;

    /// <summary>Each file that belongs here, made or not.</summary>
    public IEnumerable<string> All => Prompts.Select(prompt => PathOf(prompt.Language, prompt.Name));

    /// <summary>
    /// Every prompt in every language is there: half a voice would be silent just when somebody waits for a word. Asked by each screen each second, so
    /// the disk is not asked again once they are.
    /// </summary>
    public bool AreComplete => _complete || (_complete = All.All(File.Exists));

    /// <summary>Null when no such prompt is known, or it was not made. Never a path that a caller chose.</summary>
    public string? Find(string language, string name) =>
        Prompts.Contains((language, name)) && PathOf(language, name) is var path && File.Exists(path) ? path : null;

    /// <summary>Makes those that are missing, or all anew. A prompt is there whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be made, or not be written; those made before stay.</exception>
    public async Task MakeAsync(bool anew, CancellationToken cancellationToken)
    {
        foreach (var (language, voice, wordsPerMinute, text) in Languages)
        {
            try
            {
                System.IO.Directory.CreateDirectory(Path.Combine(Directory, language));
            }
            catch (UnauthorizedAccessException refused)
            {
                throw new IOException($"{Directory} cannot be made: {refused.Message}", refused);
            }
            foreach (var (prompt, words) in VoicePrompts.Words)
            {
                var path = PathOf(language, NameOf(prompt));
                if (anew || !File.Exists(path))
                    await SpeakAsync(voice, wordsPerMinute, text(words), path, cancellationToken);
            }
        }
    }

    private async Task SpeakAsync(string voice, int wordsPerMinute, string text, string path, CancellationToken cancellationToken)
    {
        var fresh = path + ".new";
        using var limit = new CancellationTokenSource(LongestForOne, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var speaking = Process.Start(program, ["-v", voice, "-s", $"{wordsPerMinute}", "-w", fresh, text]);
            try
            {
                await speaking.WaitForExitAsync(either.Token);
            }
            catch (OperationCanceledException late)
            {
                speaking.Kill();
                throw limit.IsCancellationRequested ? new IOException($"{program} did not end within {LongestForOne.TotalSeconds:0} s", late) : late;
            }
            if (speaking.ExitCode != 0 || new FileInfo(fresh) is not { Exists: true, Length: >= FewestBytes })
                throw new IOException($"{program} ended with {speaking.ExitCode} and made no {Path.GetFileName(path)} that can be heard, with voice {voice}: is the disk full, has it this voice?");
            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception failed) when (failed is Win32Exception or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be made: {failed.Message}", failed);
        }
    }

    private static IEnumerable<(string Language, string Name)> Prompts =>
        from language in Languages from prompt in VoicePrompts.Words.Keys select (language.Language, NameOf(prompt));

    private static string NameOf(VoicePrompt prompt) => JsonNamingPolicy.CamelCase.ConvertName(prompt.ToString());

    private string PathOf(string language, string name) => Path.Combine(Directory, language, name + ".wav");
}

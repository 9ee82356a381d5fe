using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Kiosk.Voice;

namespace EdgeGate.Service.Tests.Kiosk;

public sealed class VoiceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly VoiceFiles _files;

    public VoiceTests() => _files = new VoiceFiles(_directory["voice"]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_prompt_has_words_in_both_languages_and_a_tone_for_each_Chinese_character()
    {
        Assert.Equal(Enum.GetValues<VoicePrompt>().Order(), VoicePrompts.Words.Keys.Order());
        Assert.All(VoicePrompts.Words.Values, words => Assert.Equal(
            words.Words.Zh.Count(letter => letter is not '，'),
            words.Pinyin.Split(' ', ',').Count(syllable => syllable.Length > 1 && syllable[^1] is >= '1' and <= '5')));
    }

    [Fact]
    public void Whatever_the_cause_of_a_refusal_only_two_sentences_are_heard()
    {
        foreach (var face in new[] { KioskFace.Denied, KioskFace.SeeGuard })
        {
            foreach (var reason in Enum.GetValues<DenyReason>())
                Assert.True(VoicePrompts.For(new KioskView(face) { Reasons = [reason] }) is VoicePrompt.SeeStaff or VoicePrompt.TryAgain, $"{face} {reason}");
        }
        var private_ = new[] { DenyReason.TemperatureTooHigh, DenyReason.HealthCodeNotHealthy, DenyReason.UnderQuarantine, DenyReason.WatchListed };
        Assert.All(private_, reason => Assert.Equal(VoicePrompt.SeeStaff, VoicePrompts.For(new KioskView(KioskFace.Denied) { Reasons = [reason] })));
        Assert.Equal(VoicePrompt.SeeStaff, VoicePrompts.For(new KioskView(KioskFace.Denied) { Reasons = [DenyReason.TemperatureMissing, DenyReason.WatchListed] }));
    }

    [Fact]
    public void A_prompt_tells_who_stands_there_what_to_do_next_and_nobody_when_nobody_stands_there()
    {
        Assert.Equal("measure", KioskMessage.For(new KioskView(KioskFace.Gathering) { Wanted = [WantedEvidence.Temperature] }).Say);
        Assert.Equal("pass", KioskMessage.For(new KioskView(KioskFace.Granted)).Say);
        Assert.All(
            new[] { KioskFace.Idle, KioskFace.Closed, KioskFace.Free, KioskFace.OutOfService },
            face => Assert.Null(KioskMessage.For(new KioskView(face)).Say));
    }

    [Theory, InlineData("zh", "pass", true), InlineData("en", "seeStaff", true), InlineData("zh", "idle", false), InlineData("fr", "pass", false), InlineData("..", "secret", false), InlineData("zh", "../../secret", false)]
    public void Only_prompts_that_are_known_are_found(string language, string prompt, bool found)
    {
        Pretend();
        File.WriteAllText(_directory["secret.wav"], "not for browsers");

        Assert.Equal(found, _files.Find(language, prompt) is not null);
    }

    [Fact]
    public async Task The_browser_gets_sound_of_the_gates_own_and_may_ask_for_a_part()
    {
        Pretend();
        await using var host = await KioskHost.StartAsync(TimeProvider.System, voice: _files);
        using var browser = new HttpClient { BaseAddress = host.Address };

        using var whole = await browser.GetAsync("/kiosk/voice/zh/pass.wav");
        Assert.Equal((HttpStatusCode.OK, "audio/wav"), (whole.StatusCode, whole.Content.Headers.ContentType?.MediaType));
        using var asking = new HttpRequestMessage(HttpMethod.Get, "/kiosk/voice/zh/pass.wav") { Headers = { Range = new(0, 3) } };
        using var part = await browser.SendAsync(asking);
        Assert.Equal((HttpStatusCode.PartialContent, 4), (part.StatusCode, (await part.Content.ReadAsByteArrayAsync()).Length));
        foreach (var nothing in new[] { "/kiosk/voice/zh/idle.wav", "/kiosk/voice/zh/..%2f..%2fsecret.wav", "/kiosk/voice/fr/pass.wav" })
        {
            using var answer = await browser.GetAsync(nothing);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [SkippableFact]
    public async Task Espeak_makes_each_prompt_once_and_a_missing_one_again()
    {
        Skip.IfNot(_files.CanBeMade, _files.CannotBeMade);
        Assert.False(_files.AreComplete);

        await _files.MakeAsync(anew: false, CancellationToken.None);
        Assert.True(_files.AreComplete);
        Assert.All(_files.All, file => Assert.True(File.ReadAllBytes(file).AsSpan().StartsWith("RIFF"u8), file));

        var kept = _files.All.Last();
        File.WriteAllText(kept, "a recorded voice");
        File.Delete(_files.All.First());
        await _files.MakeAsync(anew: false, CancellationToken.None);
        Assert.True(new VoiceFiles(_files.Directory).AreComplete);
        Assert.Equal("a recorded voice", File.ReadAllText(kept));
    }

    /// <summary>
    /// As far as a machine can listen: sound, of the length that such words take. A voice that reads the tones aloud as numbers, as that for Chinese characters does, needs
    /// a third as long again for them all.
    /// </summary>
    [SkippableFact]
    public async Task Each_prompt_can_be_heard_in_both_languages_and_takes_as_long_as_its_words()
    {
        Skip.IfNot(_files.CanBeMade, _files.CannotBeMade);
        await _files.MakeAsync(anew: false, CancellationToken.None);

        var chineseSpoken = 0.0;
        foreach (var (prompt, words) in VoicePrompts.Words)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(prompt.ToString());
            var (zh, en) = (Listen(_files.Find("zh", name)!), Listen(_files.Find("en", name)!));
            Assert.All([zh, en], heard =>
            {
                Assert.InRange(heard.Seconds, 0.8, 6);
                Assert.InRange(heard.Loudness, 0.03, 0.5);
                Assert.InRange(heard.Spoken, 0.5, 1); // of its time something is heard
            });
            chineseSpoken += zh.Seconds * zh.Spoken;
            Assert.InRange(en.Seconds / words.Words.En.Count(char.IsLetter), 0.04, 0.14);
        }
        Assert.InRange(chineseSpoken / VoicePrompts.Words.Values.Sum(words => words.Words.Zh.Count(letter => letter is not '，')), 0.25, 0.4); // 0.34 with espeak-ng 1.51, and 0.44 with its other voice
    }

    /// <returns>Root mean square of the samples, 1 for full scale; and the part of the time, in pieces of 50 ms, that is louder than a hundredth.</returns>
    private static (double Seconds, double Loudness, double Spoken) Listen(string file)
    {
        var wav = File.ReadAllBytes(file);
        Assert.Equal(("RIFF", "WAVEfmt ", "data"), (Encoding.ASCII.GetString(wav, 0, 4), Encoding.ASCII.GetString(wav, 8, 8), Encoding.ASCII.GetString(wav, 36, 4)));
        Assert.Equal((1, 1, 16), (BitConverter.ToInt16(wav, 20), BitConverter.ToInt16(wav, 22), BitConverter.ToInt16(wav, 34))); // PCM, one channel, 16 bits
        var rate = BitConverter.ToInt32(wav, 24);
        var samples = MemoryMarshal.Cast<byte, short>(wav.AsSpan(44)).ToArray();
        var pieces = samples.Chunk(rate / 20).Select(Loudness).ToArray();
        return ((double)samples.Length / rate, Loudness(samples), (double)pieces.Count(loudness => loudness > 0.01) / pieces.Length);
    }

    private static double Loudness(short[] samples) => Math.Sqrt(samples.Sum(sample => Math.Pow(sample / 32768.0, 2)) / samples.Length);

    [Fact]
    public async Task Without_espeak_the_gate_says_so_in_one_line_and_its_screens_go_on_without_a_voice()
    {
        var (files, log) = (new VoiceFiles(_directory["voice"], _directory["espeak-ng"]), new ListLogger<VoiceMaking>());
        using var making = new VoiceMaking(files, log);
        await making.StartAsync(CancellationToken.None);
        await making.ExecuteTask!.InTime();

        var line = Assert.Single(log.Lines);
        Assert.StartsWith($"Warning: The kiosk stays silent: {_directory["espeak-ng"]} is missing: apt-get install espeak-ng", line, StringComparison.Ordinal);
        await using var host = await KioskHost.StartAsync(TimeProvider.System, voice: files);
        using var browser = new HttpClient { BaseAddress = host.Address };
        foreach (var (path, code) in new[] { ("/kiosk", HttpStatusCode.OK), ("/kiosk/voice/zh/pass.wav", HttpStatusCode.NotFound) })
        {
            using var answer = await browser.GetAsync(path);
            Assert.Equal(code, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/bin/false", "/bin/false ended with 1 and made no showId.wav")]
    [InlineData("/bin/true", "/bin/true ended with 0 and made no showId.wav that can be heard")]
    public async Task A_voice_that_fails_or_is_cut_off_makes_no_prompt_and_the_gate_says_so_in_one_line(string program, string said)
    {
        var (files, log) = (new VoiceFiles(_directory["voice"], program), new ListLogger<VoiceMaking>());
        Directory.CreateDirectory(_directory["voice", "zh"]);
        File.WriteAllText(_directory["voice", "zh", "showId.wav.new"], "RIFF"); // as far as the disk took it
        using var making = new VoiceMaking(files, log);

        await making.StartAsync(CancellationToken.None);
        await making.ExecuteTask!.InTime();

        Assert.Contains(said, Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.False(files.AreComplete);
        Assert.Null(files.Find("zh", "showId"));
    }

    private void Pretend()
    {
        foreach (var file in _files.All)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "RIFF pretended");
        }
    }
}

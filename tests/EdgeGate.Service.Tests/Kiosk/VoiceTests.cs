using System.Net;
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
        Skip.IfNot(VoiceFiles.CanBeMade, VoiceFiles.CannotBeMade);
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

    private void Pretend()
    {
        foreach (var file in _files.All)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "RIFF pretended");
        }
    }
}

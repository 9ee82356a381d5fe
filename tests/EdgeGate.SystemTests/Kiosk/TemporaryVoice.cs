using System.Buffers.Binary;
using EdgeGate.Service.Kiosk.Voice;

namespace EdgeGate.SystemTests.Kiosk;

/// <summary>Every prompt, as a tenth of a second of silence: what is tested is the page, not espeak-ng.</summary>
internal sealed class TemporaryVoice : IDisposable
{
    private const int Rate = 8000, Samples = Rate / 10;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edgegate-voice-");

    public TemporaryVoice()
    {
        Voice = new VoiceFiles(_directory.FullName);
        foreach (var file in Voice.All)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, Silence());
        }
    }

    public VoiceFiles Voice { get; }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>RIFF, PCM, one channel of 16 bits.</summary>
    private static byte[] Silence()
    {
        var wav = new byte[44 + (2 * Samples)];
        "RIFF"u8.CopyTo(wav);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(4), wav.Length - 8);
        "WAVEfmt "u8.CopyTo(wav.AsSpan(8));
        foreach (var (at, value) in new[] { (16, 16), (20, 1 | (1 << 16)), (24, Rate), (28, 2 * Rate), (32, 2 | (16 << 16)) })
            BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(at), value);
        "data"u8.CopyTo(wav.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(40), 2 * Samples);
        return wav;
    }
}

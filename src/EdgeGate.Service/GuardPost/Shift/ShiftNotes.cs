using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Shift;

/// <summary>What one shift tells the next.</summary>
/// <param name="At">For people to read.</param>
/// <param name="Entered">By the gate's clocks, for the note's age; null in a note of an earlier version of this program.</param>
internal sealed record ShiftNote(string By, string Text, DateTimeOffset At, ClockReading? Entered = null)
{
    public static ShiftNote Of(string by, string text, ClockReading now) => new(by, text, now.Wall, now);
}

/// <summary>
/// The last notes, through restarts. Guards write names into them, so the file is encrypted: its key comes of the site's secret, and a
/// card or backup without that says nothing.
/// </summary>
internal sealed partial class ShiftNotes
{
    public const int Most = 50;
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private readonly string _file;
    private readonly byte[] _key;
    private readonly Lock _lock = new();
    private ShiftNote[] _notes = [];

    public ShiftNotes(string file, byte[] siteSecret, ILogger<ShiftNotes> log)
    {
        (_file, _key) = (file, HMACSHA256.HashData(siteSecret, "guard-post-notes"u8));
        try
        {
            if (File.Exists(file))
                _notes = JsonSerializer.Deserialize(Open(File.ReadAllBytes(file)), NoteFileShapes.Default.ShiftNoteArray) ?? [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException or CryptographicException or ArgumentException)
        {
            LogUnreadable(log, file, unreadable);
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ShiftNote> All
    {
        get
        {
            lock (_lock)
                return _notes;
        }
    }

    /// <exception cref="IOException">It could not be written; the notes stay as they were.</exception>
    public void Add(ShiftNote note)
    {
        lock (_lock)
        {
            ShiftNote[] next = [note, .. _notes.Where(old => AgeOf(old, note) < KeptFor).Take(Most - 1)];
            DurableFile.Write(_file, Close(JsonSerializer.SerializeToUtf8Bytes(next, NoteFileShapes.Default.ShiftNoteArray)));
            _notes = next;
        }
    }

    private static TimeSpan AgeOf(ShiftNote old, ShiftNote now) =>
        now.Entered is { } at && old.Entered is { } then ? at.Since(then) : now.At - old.At;

    /// <summary>Nonce (12), tag (16), then the text.</summary>
    private byte[] Close(byte[] plain)
    {
        var closed = new byte[28 + plain.Length];
        RandomNumberGenerator.Fill(closed.AsSpan(0, 12));
        using var cipher = new AesGcm(_key, tagSizeInBytes: 16);
        cipher.Encrypt(closed.AsSpan(0, 12), plain, closed.AsSpan(28), closed.AsSpan(12, 16));
        return closed;
    }

    private byte[] Open(byte[] closed)
    {
        if (closed.Length < 28)
            throw new CryptographicException("the file is cut off");
        var plain = new byte[closed.Length - 28];
        using var cipher = new AesGcm(_key, tagSizeInBytes: 16);
        cipher.Decrypt(closed.AsSpan(0, 12), closed.AsSpan(28), closed.AsSpan(12, 16), plain);
        return plain;
    }

    [LoggerMessage(LogLevel.Error, "{File} cannot be read: guards see no notes from before")]
    private static partial void LogUnreadable(ILogger log, string file, Exception cause);
}

[JsonSerializable(typeof(ShiftNote[]))]
internal sealed partial class NoteFileShapes : JsonSerializerContext;

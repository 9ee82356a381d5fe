using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access.Registers;

namespace EdgeGate.Service.GuardPost.Guards;

/// <summary>
/// Who may sign in: a small file in the data directory. The command line writes it, the gate looks whether it changed before it believes
/// anybody; so a guard who was taken off is out at once, and nothing that can be called from outside makes accounts.
/// </summary>
/// <param name="file">Need not exist yet: then nobody can sign in.</param>
internal sealed class GuardBook(string file)
{
    /// <summary>More than any gate has on its shifts.</summary>
    public const int Most = 200;

    private sealed record Read(DateTime WrittenAt, long Length, IReadOnlyList<Guard> Guards);

    private Read _read = new(default, -1, []);

    /// <summary>In the order of their ids. Empty when the file cannot be read: nobody is believed then.</summary>
    /// <param name="fault">Why it cannot be read, in words.</param>
    public IReadOnlyList<Guard> All(out string? fault)
    {
        fault = null;
        try
        {
            var info = new FileInfo(file);
            if (!info.Exists)
                return [];
            var read = Volatile.Read(ref _read);
            if (read.WrittenAt == info.LastWriteTimeUtc && read.Length == info.Length)
                return read.Guards;
            read = new(info.LastWriteTimeUtc, info.Length, Parse(File.ReadAllBytes(file)));
            Volatile.Write(ref _read, read);
            return read.Guards;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            fault = $"{file} cannot be read: {unreadable.Message}";
            return [];
        }
    }

    public bool TryFind(string id, [NotNullWhen(true)] out Guard? guard)
    {
        guard = All(out _).FirstOrDefault(known => known.Id == id);
        return guard is not null;
    }

    /// <summary>Adds a guard, or puts one in the place of the one with the same id.</summary>
    /// <exception cref="IOException">Not written, or what is there cannot be read and must not be overwritten.</exception>
    public void Put(Guard guard) => Write([.. Others(guard.Id), guard]);

    /// <exception cref="IOException">Not written, or what is there cannot be read and must not be overwritten.</exception>
    public void Remove(string id) => Write([.. Others(id)]);

    private IEnumerable<Guard> Others(string id)
    {
        var all = All(out var fault);
        return fault is null ? all.Where(guard => guard.Id != id) : throw new IOException(fault);
    }

    private void Write(IReadOnlyList<Guard> guards)
    {
        if (guards.Count > Most)
            throw new IOException($"there are {Most} guards already");
        DurableFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(guards.OrderBy(guard => guard.Id, StringComparer.Ordinal).ToArray(), GuardFileShapes.Default.GuardArray));
    }

    private static Guard[] Parse(byte[] json)
    {
        var guards = JsonSerializer.Deserialize(json, GuardFileShapes.Default.GuardArray) ?? [];
        return guards.All(guard => guard is { Hash: not null } && ListWord.IsValid(guard.Id)) ? guards : throw new InvalidDataException("an account in it is not whole");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Guard[]))]
internal sealed partial class GuardFileShapes : JsonSerializerContext;

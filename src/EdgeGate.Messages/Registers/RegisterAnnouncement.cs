using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Commands;

namespace EdgeGate.Messages.Registers;

/// <summary>
/// What a center retains on <see cref="SiteTopics.Register"/>: which version of a list is in force, and the files a gate needs to get there from any
/// version it has. The files themselves are retained too, in parts, on <see cref="SiteTopics.RegisterPart"/>; they are believed because their hash is
/// in here, and this because it is signed: JWS as for commands, <c>typ</c> <c>edgegate-register</c>.
/// </summary>
/// <remarks>It may be retained and repeated, unlike a command: an old one is told by its version, and a gate never goes back.</remarks>
/// <param name="Site">Whose list it is.</param>
/// <param name="Name">The list.</param>
/// <param name="Files">The whole list first, then the changes since, each to the version before it.</param>
public sealed record RegisterAnnouncement(string Site, string Name, IReadOnlyList<RegisterFile> Files)
{
    internal const string Type = "edgegate-register";
    public const int MostFiles = 65;

    /// <summary>After so many changes, or when they are half as large as the list, the list is written anew: a gate that has nothing should not fetch much more than the list.</summary>
    public static bool NeedsWhole(long wholeLength, int changes, long changesLength) => changes >= MostFiles || changesLength > wholeLength / 2;

    /// <summary>The version in force.</summary>
    [JsonIgnore]
    public long Version => Files[^1].Version;

    /// <summary>The files that lead from a version to the one in force: changes where they join on, else the whole list first.</summary>
    /// <param name="version">What the gate has; null for nothing.</param>
    public IEnumerable<RegisterFile> After(long? version) =>
        Files.Skip(1).Any(file => file.Base == version) ? Files.SkipWhile(file => file.Base != version) : version >= Version ? [] : Files;

    /// <param name="keyId">By which gates know the public half.</param>
    /// <param name="key">P-256, with its private half.</param>
    /// <exception cref="InvalidOperationException">It makes no sense: every gate would refuse it.</exception>
    public string Sign(string keyId, ECDsa key) => Fault() is { } fault
        ? throw new InvalidOperationException(fault)
        : CommandToken.Sign(JsonSerializer.SerializeToUtf8Bytes(this, RegisterShapes.Default.RegisterAnnouncement), Type, keyId, key);

    /// <param name="newest">The whole list and the changes since.</param>
    public static RegisterAnnouncement Of(string site, string name, IReadOnlyList<(RegisterVersion Head, byte[] Bytes)> newest) =>
        new(site, name, [.. newest.Select(version => RegisterFile.Of(version.Head, version.Bytes))]);

    /// <summary>Everything that is to be retained at the broker, in the order in which it must get there; an empty payload takes a topic off it.</summary>
    /// <param name="files">The bytes of <see cref="Files"/>.</param>
    /// <param name="before">What was announced before; its files that are no longer needed are taken off. Null when nothing is known.</param>
    /// <param name="keyId">By which gates know the public half.</param>
    /// <param name="key">P-256, with its private half.</param>
    public IEnumerable<(string Topic, ReadOnlyMemory<byte> Payload)> Publication(IEnumerable<byte[]> files, RegisterAnnouncement? before, string keyId, ECDsa key)
    {
        var topics = new SiteTopics(Site);
        foreach (var (file, bytes) in Files.Zip(files))
        {
            for (var part = 0; part < file.Parts; part++)
                yield return (topics.RegisterPart(Name, file, part), bytes.AsMemory(part * RegisterFile.PartLength, file.LengthOf(part)));
        }
        yield return (topics.Register(Name), Encoding.ASCII.GetBytes(Sign(keyId, key))); // after the files: whoever hears it finds them
        foreach (var file in before?.Files.Except(Files) ?? [])
        {
            for (var part = 0; part < file.Parts; part++)
                yield return (topics.RegisterPart(Name, file, part), ReadOnlyMemory<byte>.Empty);
        }
    }

    internal string? Fault()
    {
        if (!ListWord.IsValid(Name) || Files.Count is 0 or > MostFiles || Files[0].Base is not null)
            return "it names no list, or no whole list to begin with";
        for (var i = 0; i < Files.Count; i++)
        {
            if (Files[i].Fault() is { } fault)
                return fault;
            if (i > 0 && (Files[i].Base != Files[i - 1].Version || Files[i].Version <= Files[i - 1].Version))
                return "its changes do not follow one another";
        }
        return null;
    }
}

/// <summary>A version's bytes (<see cref="RegisterBytes"/>), cut into parts for a broker.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="Sha256">Of all bytes, lower-case hex.</param>
/// <param name="Base">The version that these changes are made to; null for a whole list.</param>
public sealed record RegisterFile(long Version, int Length, string Sha256, long? Base = null)
{
    /// <summary>Fits a packet of any broker and client here (1 MiB) with room for its head.</summary>
    public const int PartLength = 512 * 1024;

    /// <summary>A list of five million persons.</summary>
    public const int MostLength = 256 * 1024 * 1024;

    [JsonIgnore]
    public int Parts => (Length + PartLength - 1) / PartLength;

    public static RegisterFile Of(RegisterVersion head, ReadOnlySpan<byte> bytes) => new(head.Version, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), head.Base);

    /// <summary>Of a part, in bytes.</summary>
    public int LengthOf(int part) => Math.Min(PartLength, Length - (part * PartLength));

    internal string? Fault() =>
        Version < 1 || Base < 1 || Length is < 1 or > MostLength || Sha256.Length != 64 ? "a file in it makes no sense" : null;
}

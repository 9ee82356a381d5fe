namespace EdgeGate.PowerCut;

/// <summary>
/// A disk with a write cache and no battery: a write is on the medium only after the next flush. Offsets and lengths are multiples of
/// <see cref="SectorSize"/>, the unit a disk writes whole or not at all. Not thread-safe.
/// </summary>
/// <param name="medium">What would survive a power cut now.</param>
internal sealed class VolatileDisk(byte[] medium)
{
    public const int SectorSize = 512;

    private readonly SortedDictionary<long, byte[]> _cache = [];

    public long Length => medium.Length;

    /// <summary>Sectors written since the last flush.</summary>
    public int UnflushedSectors => _cache.Count;

    public void Read(long offset, Span<byte> target)
    {
        medium.AsSpan((int)offset, target.Length).CopyTo(target);
        for (var at = 0; at < target.Length && _cache.Count > 0; at += SectorSize)
            if (_cache.TryGetValue((offset + at) / SectorSize, out var newer))
                newer.CopyTo(target[at..]);
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        for (var at = 0; at < source.Length; at += SectorSize)
            _cache[(offset + at) / SectorSize] = source.Slice(at, SectorSize).ToArray();
    }

    public void Flush()
    {
        foreach (var (sector, bytes) in _cache)
            bytes.CopyTo(medium, sector * SectorSize);
        _cache.Clear();
    }

    /// <summary>
    /// The power fails: each unflushed sector reaches the medium with probability <paramref name="keep"/>, independently of the others, so
    /// writes are lost, torn and out of order. Returns how many did.
    /// </summary>
    public int Cut(double keep, Random random)
    {
        foreach (var lost in _cache.Keys.Where(_ => random.NextDouble() >= keep).ToList())
            _cache.Remove(lost);
        var kept = _cache.Count;
        Flush();
        return kept;
    }

    /// <summary>Writes the medium into a sparse file: most of it is empty.</summary>
    public void SaveTo(string path)
    {
        const int block = 4096;
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.SetLength(file, medium.Length);
        for (var at = 0; at < medium.Length; at += block)
            if (medium.AsSpan(at, block).ContainsAnyExcept((byte)0))
                RandomAccess.Write(file, medium.AsSpan(at, block), at);
    }
}

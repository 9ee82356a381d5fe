using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeGate.Service.GuardPost;

/// <summary>A short list in a small file, the same after restarts and power cuts.</summary>
internal sealed partial class KeptList<T>
{
    private readonly string _file;
    private readonly Func<JsonTypeInfo<T[]>> _shape;
    private readonly Lock _lock = new();
    private ImmutableArray<T> _items = [];

    /// <param name="file">Need not exist. One that cannot be read is taken for empty and overwritten with the next change: the records have everything in it.</param>
    /// <param name="shape">Asked for when there is something to read or write, for making it takes a while, and a gate starts in a hurry.</param>
    public KeptList(string file, Func<JsonTypeInfo<T[]>> shape, ILogger log)
    {
        (_file, _shape) = (file, shape);
        try
        {
            if (File.Exists(file))
                _items = [.. JsonSerializer.Deserialize(File.ReadAllBytes(file), shape()) ?? []];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            LogUnreadable(log, file, unreadable);
        }
    }

    public ImmutableArray<T> All
    {
        get
        {
            lock (_lock)
                return _items;
        }
    }

    /// <summary>In force when it is on disk.</summary>
    /// <param name="change">From the list as it is to the list as it shall be; nobody else changes it meanwhile.</param>
    /// <exception cref="IOException">It could not be written; the list stays as it was.</exception>
    public void Change(Func<ImmutableArray<T>, IEnumerable<T>> change)
    {
        lock (_lock)
        {
            ImmutableArray<T> next = [.. change(_items)];
            DurableFile.Write(_file, JsonSerializer.SerializeToUtf8Bytes([.. next], _shape()));
            _items = next;
        }
    }

    [LoggerMessage(LogLevel.Error, "{File} cannot be read: guards see nothing of before")]
    private static partial void LogUnreadable(ILogger log, string file, Exception cause);
}

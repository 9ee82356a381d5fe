using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using System.Text.Json;

namespace EdgeGate.HealthCodes.Cbor;

/// <summary>
/// A decoded CBOR item (RFC 8949). What a health certificate may hold, and no more: keys of maps are integers or text, no key
/// comes twice, floats are finite, tags are dropped, depth and number of items are limited.
/// </summary>
internal abstract record CborValue
{
    public const int MaxDepth = 16;
    public const int MaxItems = 2000;

    public sealed record Integer(long Value) : CborValue;

    public sealed record Float(double Value) : CborValue;

    public sealed record Text(string Value) : CborValue;

    public sealed record Bytes(ReadOnlyMemory<byte> Value) : CborValue;

    public sealed record Boolean(bool Value) : CborValue;

    /// <summary>Null, undefined, and simple values without a meaning here.</summary>
    public sealed record Nothing : CborValue
    {
        public static readonly Nothing Instance = new();
    }

    public sealed record List(IReadOnlyList<CborValue> Items) : CborValue;

    public sealed record Map(IReadOnlyList<KeyValuePair<CborValue, CborValue>> Entries) : CborValue
    {
        public CborValue? this[long key]
        {
            get
            {
                foreach (var entry in Entries)
                {
                    if (entry.Key is Integer { Value: var value } && value == key)
                        return entry.Value;
                }
                return null;
            }
        }

        public CborValue? this[string key]
        {
            get
            {
                foreach (var entry in Entries)
                {
                    if (entry.Key is Text { Value: var value } && value == key)
                        return entry.Value;
                }
                return null;
            }
        }
    }

    /// <summary>Decodes one item that fills the bytes.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out CborValue? value)
    {
        value = null;
        try
        {
            var reader = new CborReader(encoded, CborConformanceMode.Strict);
            var decoded = Read(reader);
            if (reader.BytesRemaining != 0)
                return false;
            value = decoded;
            return true;
        }
        catch (Exception malformed) when (IsMalformed(malformed))
        {
            return false;
        }
    }

    /// <summary>Whether an exception of <see cref="CborReader"/> means that what it read is no good, and not that this code is.</summary>
    public static bool IsMalformed(Exception exception) => exception is CborContentException or InvalidOperationException or OverflowException;

    /// <summary>Reads the item that the reader stands at.</summary>
    /// <exception cref="CborContentException">It is malformed or over a limit.</exception>
    /// <exception cref="InvalidOperationException">As above; the reader's way to say that an item is of another type than announced.</exception>
    /// <exception cref="OverflowException">An integer of more than 63 bits.</exception>
    public static CborValue Read(CborReader reader)
    {
        var items = 0;
        return Read(reader, MaxDepth, ref items);
    }

    /// <summary>The item as JSON, maps with text keys only.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (this)
        {
            case Integer integer:
                writer.WriteNumberValue(integer.Value);
                break;
            case Float number:
                writer.WriteNumberValue(number.Value);
                break;
            case Text text:
                writer.WriteStringValue(text.Value);
                break;
            case Bytes bytes:
                writer.WriteBase64StringValue(bytes.Value.Span);
                break;
            case Boolean boolean:
                writer.WriteBooleanValue(boolean.Value);
                break;
            case List list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    item.WriteTo(writer);
                writer.WriteEndArray();
                break;
            case Map map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Entries)
                {
                    writer.WritePropertyName(key is Text name ? name.Value : ((Integer)key).Value.ToString());
                    value.WriteTo(writer);
                }
                writer.WriteEndObject();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static CborValue Read(CborReader reader, int depthLeft, ref int items)
    {
        // Counted before anything is read: a million nested arrays cost nothing.
        if (depthLeft == 0 || ++items > MaxItems)
            throw new CborContentException("deeper or longer than is allowed");
        switch (reader.PeekState())
        {
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger:
                return new Integer(reader.ReadInt64());
            case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString:
                return new Text(reader.ReadTextString());
            case CborReaderState.ByteString or CborReaderState.StartIndefiniteLengthByteString:
                return new Bytes(reader.ReadByteString());
            case CborReaderState.HalfPrecisionFloat or CborReaderState.SinglePrecisionFloat or CborReaderState.DoublePrecisionFloat:
                var number = reader.ReadDouble();
                return double.IsFinite(number) ? new Float(number) : throw new CborContentException("a float that is no number");
            case CborReaderState.Boolean:
                return new Boolean(reader.ReadBoolean());
            case CborReaderState.Null or CborReaderState.SimpleValue:
                reader.ReadSimpleValue();
                return Nothing.Instance;
            case CborReaderState.Tag:
                reader.ReadTag();
                return Read(reader, depthLeft - 1, ref items);
            case CborReaderState.StartArray:
                return ReadList(reader, depthLeft, ref items);
            case CborReaderState.StartMap:
                return ReadMap(reader, depthLeft, ref items);
            default:
                throw new CborContentException("no item where one must be");
        }
    }

    private static List ReadList(CborReader reader, int depthLeft, ref int items)
    {
        reader.ReadStartArray();
        var list = new List<CborValue>();
        while (reader.PeekState() != CborReaderState.EndArray)
            list.Add(Read(reader, depthLeft - 1, ref items));
        reader.ReadEndArray();
        return new List(list);
    }

    private static Map ReadMap(CborReader reader, int depthLeft, ref int items)
    {
        reader.ReadStartMap();
        var entries = new List<KeyValuePair<CborValue, CborValue>>();
        HashSet<long>? integers = null;
        HashSet<string>? texts = null;
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            if (reader.PeekState() == CborReaderState.Tag)
                throw new CborContentException("a tagged key");
            var key = Read(reader, depthLeft - 1, ref items);
            // The reader's own check compares encodings: 1 written as 01 and as 18 01 would pass as two keys.
            var isNew = key switch
            {
                Integer integer => (integers ??= []).Add(integer.Value),
                Text text => (texts ??= []).Add(text.Value),
                _ => false,
            };
            if (!isNew)
                throw new CborContentException("a key that comes twice or is neither integer nor text");
            entries.Add(new(key, Read(reader, depthLeft - 1, ref items)));
        }
        reader.ReadEndMap();
        return new Map(entries);
    }
}

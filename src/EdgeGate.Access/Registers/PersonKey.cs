using System.Buffers.Binary;
using System.Buffers.Text;

namespace EdgeGate.Access.Registers;

/// <summary>Finds a person in a register: 32 opaque bytes that look random, ordered as bytes. What they are made of is not known here.</summary>
public readonly record struct PersonKey : IComparable<PersonKey>
{
    public const int Length = 32;

    private readonly ulong _first, _second, _third, _fourth;

    /// <param name="bytes">Exactly <see cref="Length"/>.</param>
    public PersonKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"a person key has {Length} bytes", nameof(bytes));
        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Takes base64url without padding, 43 characters, as records have it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PersonKey key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        key = default;
        if (text.Length != 43 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Length)
            return false;
        key = new PersonKey(bytes);
        return true;
    }

    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _first);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], _fourth);
    }

    public int CompareTo(PersonKey other)
    {
        var order = _first.CompareTo(other._first);
        if (order == 0)
            order = _second.CompareTo(other._second);
        if (order == 0)
            order = _third.CompareTo(other._third);
        return order != 0 ? order : _fourth.CompareTo(other._fourth);
    }

    public static bool operator <(PersonKey left, PersonKey right) => left.CompareTo(right) < 0;
    public static bool operator >(PersonKey left, PersonKey right) => left.CompareTo(right) > 0;
    public static bool operator <=(PersonKey left, PersonKey right) => left.CompareTo(right) <= 0;
    public static bool operator >=(PersonKey left, PersonKey right) => left.CompareTo(right) >= 0;

    /// <summary>As records have it.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The first bits as a number. Keys are evenly spread, so these divide a register into equal parts.</summary>
    internal int Leading(int bits) => (int)(_first >> (64 - bits));
}

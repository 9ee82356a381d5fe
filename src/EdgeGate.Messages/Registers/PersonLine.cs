using System.Buffers.Binary;
using System.Text;
using EdgeGate.Access.Registers;

namespace EdgeGate.Messages.Registers;

/// <summary>One person as read from a file, or that somebody is no longer on the list. Its texts are to be used before the next one is read: they lie in the reader's buffer.</summary>
/// <param name="Texts">Name, unit and terms, each a byte count (16 bits, little-endian) and UTF-8; empty for who is no longer on the list.</param>
public readonly record struct PersonLine(PersonKey Key, ReadOnlyMemory<byte> Texts)
{
    /// <summary>Of all three texts with their counts.</summary>
    public const int MostTexts = 3 * (2 + RegisterBytes.LongestText);

    public bool IsRemoval => Texts.IsEmpty;

    /// <summary>Cuts the first text off.</summary>
    /// <exception cref="InvalidDataException">It is longer than what is left.</exception>
    public static ReadOnlySpan<byte> TakeText(ref ReadOnlySpan<byte> texts)
    {
        if (texts.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(texts) is var length && length > texts.Length - 2)
            throw new InvalidDataException("it is damaged: a text is cut off");
        var text = texts.Slice(2, length);
        texts = texts[(2 + length)..];
        return text;
    }

    /// <exception cref="InvalidDataException">The texts are none.</exception>
    public static RegisterEntry EntryOf(PersonKey key, ReadOnlySpan<byte> texts) =>
        new(key, Encoding.UTF8.GetString(TakeText(ref texts)), Encoding.UTF8.GetString(TakeText(ref texts)), RegisterBytes.TermsOf(Encoding.UTF8.GetString(TakeText(ref texts))));
}

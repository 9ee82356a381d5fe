using System.Buffers;
using System.Text;

namespace EdgeGate.Devices.Portals;

/// <summary>
/// A command as an installer writes it, for example <c>OPEN {credential}\n</c>: text in UTF-8 with the escapes \n, \r, \t,
/// \\ and \xNN (one byte), and at most one place for the credential, which something must follow so that the portal knows
/// where it ends. A brace of its own is \x7B.
/// </summary>
public sealed class TextTemplate
{
    private const string Placeholder = "{credential}";
    private const int LongestTemplate = 256, LongestCredential = 128;

    private readonly byte[] _before;
    private readonly byte[] _after;

    private TextTemplate(byte[] before, byte[] after, bool hasCredential) =>
        (_before, _after, HasCredential) = (before, after, hasCredential);

    public bool HasCredential { get; }

    /// <summary>More bytes than any command made from this template has.</summary>
    internal int LongestCommand => _before.Length + 3 * LongestCredential + _after.Length;

    /// <exception cref="FormatException">Says what is wrong and where, in words for an installer.</exception>
    public static TextTemplate Parse(string template)
    {
        if (template.Length is 0 or > LongestTemplate)
            throw new FormatException($"A portal text has 1 to {LongestTemplate} characters; this one has {template.Length}");
        var at = template.IndexOf(Placeholder, StringComparison.Ordinal);
        if (at < 0)
            return new TextTemplate(Unescape(template, 0, template.Length), [], hasCredential: false);
        var end = at + Placeholder.Length;
        if (end == template.Length)
            throw new FormatException(
                $"\"{template}\": something must follow {Placeholder}, for example \\n, so that the portal knows where it ends");
        return new TextTemplate(Unescape(template, 0, at), Unescape(template, end, template.Length), hasCredential: true);
    }

    /// <summary>
    /// The command for one credential. A credential comes from whoever shows a QR code, so it must not be able to end the
    /// command and begin one of its own: control characters and the byte that follows the placeholder are left out of it,
    /// and what is longer than 128 characters is cut.
    /// </summary>
    public ReadOnlyMemory<byte> Fill(string credential)
    {
        if (!HasCredential)
            return _before;
        var shown = Encoding.UTF8.GetBytes(credential[..Math.Min(credential.Length, LongestCredential)]);
        return (byte[])[.. _before, .. shown.Where(b => b >= ' ' && b != 0x7F && b != _after[0]), .. _after];
    }

    /// <summary>The other way round, for a simulated portal: is there a command at the start of the buffer?</summary>
    /// <param name="buffer">What was heard and not used.</param>
    /// <param name="credential">Empty when the template has none.</param>
    /// <param name="length">Bytes of the command.</param>
    /// <returns>Done for yes, NeedMoreData for perhaps, InvalidData for no.</returns>
    internal OperationStatus Match(ReadOnlySpan<byte> buffer, out string credential, out int length)
    {
        (credential, length) = ("", 0);
        if (!buffer.StartsWith(_before.AsSpan(..Math.Min(_before.Length, buffer.Length))))
            return OperationStatus.InvalidData;
        if (buffer.Length < _before.Length)
            return OperationStatus.NeedMoreData;
        var rest = buffer[_before.Length..];
        var end = HasCredential ? rest.IndexOf(_after) : 0;
        if (end < 0)
            return buffer.Length < LongestCommand ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        credential = Encoding.UTF8.GetString(rest[..end]);
        length = _before.Length + end + _after.Length;
        return OperationStatus.Done;
    }

    private static byte[] Unescape(string template, int start, int end)
    {
        var bytes = new List<byte>(end - start);
        for (var i = start; i < end; i++)
        {
            switch (template[i])
            {
                case '{' or '}':
                    throw new FormatException(
                        $"\"{template}\", character {i + 1}: the only thing in braces is {Placeholder}, once; a brace of its own is \\x7B or \\x7D");
                case '\\':
                    var escape = template.AsSpan(i + 1, end - i - 1);
                    bytes.Add(Escaped(escape) ?? throw new FormatException(
                        $"\"{template}\", character {i + 1}: after a backslash comes n, r, t, another backslash, or x and two hexadecimal digits"));
                    i += escape[0] == 'x' ? 3 : 1;
                    break;
                default:
                    var length = char.IsHighSurrogate(template[i]) && i + 1 < end ? 2 : 1;
                    bytes.AddRange(Encoding.UTF8.GetBytes(template.Substring(i, length)));
                    i += length - 1;
                    break;
            }
        }
        return [.. bytes];
    }

    private static byte? Escaped(ReadOnlySpan<char> escape) => escape switch
    {
        ['n', ..] => (byte)'\n',
        ['r', ..] => (byte)'\r',
        ['t', ..] => (byte)'\t',
        ['\\', ..] => (byte)'\\',
        ['x', var high, var low, ..] when char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low) => Convert.FromHexString([high, low])[0],
        _ => null,
    };
}

/// <summary>Opens, and if it must be told, closes with a line of text.</summary>
public sealed class TextCommands : IPortalCommands
{
    private readonly TextTemplate _open;

    /// <param name="open">Sent for each passage.</param>
    /// <param name="close">Sent at the end of the pulse and on every new line; null when the portal closes by itself.</param>
    /// <param name="hold">Sent to open until further notice; null when the portal cannot be held open.</param>
    /// <param name="release">Sent to end that, and on every new line; null where the closing text does.</param>
    /// <exception cref="FormatException">A text that is sent when nobody is there asks for a credential, or nothing ends what the holding text begins.</exception>
    public TextCommands(TextTemplate open, TextTemplate? close, TextTemplate? hold = null, TextTemplate? release = null)
    {
        if (new[] { close, hold, release }.Any(text => text is { HasCredential: true }))
            throw new FormatException(
                "Only the opening text can contain {credential}: the others are also sent when the line is opened and nobody is there");
        if (hold is not null && close is null && release is null)
            throw new FormatException("A portal that is told to stay open needs a text that ends it: close or release");
        (_open, Close, Hold, Release) = (open, BytesOf(close), BytesOf(hold), BytesOf(release));
    }

    public ReadOnlyMemory<byte> Close { get; }

    public ReadOnlyMemory<byte> Hold { get; }

    public ReadOnlyMemory<byte> Release { get; }

    public ReadOnlyMemory<byte> Open(string credential) => _open.Fill(credential);

    private static ReadOnlyMemory<byte> BytesOf(TextTemplate? text) => text?.Fill("") ?? ReadOnlyMemory<byte>.Empty;
}

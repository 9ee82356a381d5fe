namespace EdgeGate.Devices.Scanners;

/// <summary>The keys of a keyboard with US layout, as scanners type on them: key codes of linux/input-event-codes.h.</summary>
internal static class UsKeyboard
{
    public const ushort Enter = 28, KeypadEnter = 96, CapsLock = 58;
    public const ushort LeftShift = 42, RightShift = 54, LeftControl = 29, RightControl = 97, LeftAlt = 56, RightAlt = 100;

    private const char None = '\0';
    private static readonly (char Plain, char Shifted)[] Keys = new (char, char)[128];

    static UsKeyboard()
    {
        Row(2, "1234567890-=", "!@#$%^&*()_+");
        Row(15, "\t", "\t");
        Row(16, "qwertyuiop[]", "QWERTYUIOP{}");
        Row(30, "asdfghjkl;'`", "ASDFGHJKL:\"~");
        Row(43, "\\zxcvbnm,./", "|ZXCVBNM<>?");
        Row(55, "*", "*");
        Row(57, " ", " ");
        Row(71, "789-456+1230.", "789-456+1230.");
        Row(98, "/", "/");
    }

    /// <returns>Null for a key that types nothing.</returns>
    public static char? Typed(ushort code, bool shift, bool capsLock)
    {
        if (code >= Keys.Length || Keys[code].Plain == None)
            return null;
        var (plain, shifted) = Keys[code];
        return shift != (capsLock && char.IsAsciiLetter(plain)) ? shifted : plain;
    }

    /// <summary>The key for a character; for simulated scanners.</summary>
    public static (ushort Code, bool Shift) KeyFor(char typed)
    {
        var code = Array.FindIndex(Keys, key => key.Plain == typed || key.Shifted == typed);
        return ((ushort)code, Keys[code].Plain != typed);
    }

    private static void Row(int first, string plain, string shifted)
    {
        for (var i = 0; i < plain.Length; i++)
            Keys[first + i] = (plain[i], shifted[i]);
    }
}

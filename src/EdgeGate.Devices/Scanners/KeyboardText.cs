using System.Text;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Scanners;

/// <summary>
/// Keys into codes. A code in which anything is missing or unclear is no code: another one than the one shown could come
/// of it.
/// </summary>
internal sealed class KeyboardText
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<ushort> _held = []; // modifiers
    private bool _capsLock;
    private FrameFault? _fault;

    /// <summary>Nothing was typed since the last code.</summary>
    public bool IsEmpty => _text.Length == 0 && _fault is null;

    /// <returns>Complete or corrupt at Enter, else "need more".</returns>
    public Decoded<string> Take(KeyEvent happened)
    {
        if (happened is { Type: KeyEvent.Synchronisation, Code: KeyEvent.Dropped })
        {
            _fault = FrameFault.Truncated;
            _held.Clear(); // releases may be among what is missing
        }
        if (happened.Type != KeyEvent.Key)
            return Decoded.NeedMore<string>();
        if (IsModifier(happened.Code))
        {
            _ = happened.Value == KeyEvent.Released ? _held.Remove(happened.Code) : _held.Add(happened.Code);
            return Decoded.NeedMore<string>();
        }
        if (happened.Value != KeyEvent.Pressed) // releases, and repeats of a key that is stuck
            return Decoded.NeedMore<string>();
        if (happened.Code is UsKeyboard.Enter or UsKeyboard.KeypadEnter)
            return End();
        Press(happened.Code);
        return Decoded.NeedMore<string>();
    }

    /// <summary>What was typed so far is all of it.</summary>
    public Decoded<string> End()
    {
        var (text, fault) = (_text.ToString(), _fault);
        Drop();
        return fault is { } wrong ? Decoded.Corrupt<string>(wrong)
            : text.Length > 0 ? Decoded.Complete(text, claimed: 0)
            : Decoded.NeedMore<string>();
    }

    /// <summary>What was typed so far is not a code.</summary>
    public void Drop()
    {
        _text.Clear();
        _fault = null;
    }

    private void Press(ushort code)
    {
        if (code == UsKeyboard.CapsLock)
        {
            _capsLock = !_capsLock;
            return;
        }
        var shift = Holds(UsKeyboard.LeftShift, UsKeyboard.RightShift);
        var typed = UsKeyboard.Typed(code, shift, _capsLock);
        if (typed is null || Holds(UsKeyboard.LeftAlt, UsKeyboard.RightAlt))
            _fault ??= FrameFault.BadEncoding; // a scanner set to another layout, or one that types characters by number
        else if (_text.Length >= ScannedCode.MaxBytes)
            _fault ??= FrameFault.TooLong;
        else if (_fault is null)
            _text.Append(Holds(UsKeyboard.LeftControl, UsKeyboard.RightControl) ? (char)(typed.Value & 0x1F) : typed.Value); // Ctrl+] is GS
    }

    private bool Holds(ushort left, ushort right) => _held.Contains(left) || _held.Contains(right);

    private static bool IsModifier(ushort code) => code is UsKeyboard.LeftShift or UsKeyboard.RightShift
        or UsKeyboard.LeftControl or UsKeyboard.RightControl or UsKeyboard.LeftAlt or UsKeyboard.RightAlt;
}

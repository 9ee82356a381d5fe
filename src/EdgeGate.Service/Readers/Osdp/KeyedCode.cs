using System.Text;
using EdgeGate.Access;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>
/// A code that is typed on a reader's keys: digits, ended with #, begun anew with * or after a pause. It is a credential of its own,
/// <c>PIN-</c> and the digits, so that no printed card number can be typed in a card's stead. Not for several threads.
/// </summary>
internal sealed class KeyedCode(TimeProvider time)
{
    private const int Shortest = 4, Longest = 12;

    /// <summary>Nobody thinks that long between two keys: what was typed before was somebody else's.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Whoever tries one code after the other gets six a minute: a six-digit one then takes months.</summary>
    private readonly TokenBucket _pace = new(capacity: 5, TimeSpan.FromSeconds(10), time);

    private readonly StringBuilder _typed = new();
    private long _lastKey;

    /// <returns>What is presented with these keys; null when the code goes on.</returns>
    public Credential? Take(string keys)
    {
        if (time.GetElapsedTime(_lastKey) >= Pause)
            _typed.Clear();
        _lastKey = time.GetTimestamp();
        Credential? presented = null;
        foreach (var key in keys)
        {
            if (key is '#')
                presented = End() ?? presented;
            else if (key is '*')
                _typed.Clear();
            else if (char.IsAsciiDigit(key) && _typed.Length <= Longest) // one too many is kept, and makes it too long
                _typed.Append(key);
        }
        return presented;
    }

    private Credential? End()
    {
        if (_typed.Length == 0)
            return null;
        var code = _typed.ToString();
        _typed.Clear();
        return code.Length is < Shortest or > Longest ? new Credential.Unreadable("pin-length-wrong")
            : !_pace.TryTake() ? new Credential.Unreadable("pins-too-fast")
            : new Credential.Code("PIN-" + code);
    }
}

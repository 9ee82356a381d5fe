using System.Security.Cryptography;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.GuardPost.Guards;

/// <summary>PINs and passwords: what the gate makes, and what it takes from people.</summary>
internal static class GuardSecret
{
    public const int Longest = 128;

    /// <summary>Digits only: typed with gloves, in the rain, on a phone. Longer where more may be done with it.</summary>
    public static string NewPin(GuardRole role)
    {
        while (true)
        {
            var pin = RandomNumberGenerator.GetString("0123456789", role is GuardRole.Guard ? 6 : 8);
            if (Fault(pin, role) is null)
                return pin;
        }
    }

    /// <summary>Why it cannot be used, in words; null when it can.</summary>
    public static string? Fault(string secret, GuardRole role)
    {
        var isPin = secret.All(char.IsAsciiDigit);
        var least = isPin && role is GuardRole.Guard ? 6 : 8;
        return secret switch
        {
            { Length: > Longest } => $"it is longer than {Longest} characters",
            _ when secret.Length < least => $"a {(isPin ? "PIN" : "password")} of a {RoleWord(role)} has at least {least} characters",
            _ when secret.Distinct().Count() < 3 => "it has only two different characters",
            _ when isPin && IsRow(secret) => "its digits stand in a row",
            _ => null,
        };
    }

    private static bool IsRow(string digits) =>
        digits.Zip(digits.Skip(1)).All(pair => pair.Second - pair.First == 1) || digits.Zip(digits.Skip(1)).All(pair => pair.First - pair.Second == 1);

    private static string RoleWord(GuardRole role) => role switch
    {
        GuardRole.Guard => "guard",
        GuardRole.Supervisor => "supervisor",
        _ => "installer",
    };
}

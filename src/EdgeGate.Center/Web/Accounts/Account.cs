using System.Security.Cryptography;

namespace EdgeGate.Center.Web.Accounts;

/// <summary>Somebody who may sign in.</summary>
/// <param name="Id">1 to 32 lower-case letters, digits and hyphens; stands in the audit.</param>
/// <param name="Hash">Of the password (<see cref="SecretHash"/>).</param>
/// <param name="Issue">Changes with every reset: what was signed in before is not any more.</param>
/// <param name="Sites">The sites it is for; null for all.</param>
internal sealed record Account(string Id, Role Role, string Hash, Guid Issue, IReadOnlyList<string>? Sites);

/// <summary>Passwords: what the center makes, and what it takes from people.</summary>
internal static class AccountPassword
{
    public const int Shortest = 10, Longest = 128;

    /// <summary>Without letters and digits that look alike. Four groups of four: 78 bits.</summary>
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    public static string New() => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(Alphabet, 4)));

    /// <summary>Why it cannot be used, in words; null when it can.</summary>
    public static string? Fault(string password) => password switch
    {
        { Length: < Shortest } => $"it has fewer than {Shortest} characters",
        { Length: > Longest } => $"it is longer than {Longest} characters",
        _ when password.Distinct().Count() < 5 => "it has fewer than five different characters",
        _ => null,
    };
}

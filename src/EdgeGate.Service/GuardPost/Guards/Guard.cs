using EdgeGate.Messages.Records;

namespace EdgeGate.Service.GuardPost.Guards;

/// <summary>An account of the guard post.</summary>
/// <param name="Id">1 to 32 lower-case letters, digits and hyphens; stands in records, so it is a short name and not a person's whole one.</param>
/// <param name="Hash">Of the PIN or password (<see cref="SecretHash"/>).</param>
/// <param name="Issue">Changes with every reset: what was signed in before is not any more.</param>
internal sealed record Guard(string Id, GuardRole Role, string Hash, Guid Issue)
{
    /// <summary>Whose phones <see cref="KnownDevices"/> knows: a reset makes them strangers.</summary>
    public string PhoneOwner => $"{Id}.{Issue:N}";
}

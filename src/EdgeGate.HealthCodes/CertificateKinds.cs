namespace EdgeGate.HealthCodes;

/// <summary>What a health certificate certifies; as flags, what a key may sign.</summary>
[Flags]
public enum CertificateKinds
{
    None = 0,
    Vaccination = 1,
    Test = 2,
    Recovery = 4,
    All = Vaccination | Test | Recovery,
}

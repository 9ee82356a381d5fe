namespace EdgeGate.HealthCodes.Hcert;

/// <summary>Kinds of content in the health-certificate claim (WHO smart-trust, logical model HCERT; the EU container specification, 2.6.4).</summary>
internal static class HcertEnvelope
{
    public const long EuDcc = 1;

    /// <summary>For the explanation of content that is signed and not understood here.</summary>
    public static string Words(long key) => key switch
    {
        3 => "a WHO vaccination certificate (DDCC)",
        4 => "a WHO test certificate (DDCC)",
        5 => "a link to a health record",
        -6 => "a WHO minimal vaccination certificate",
        < 0 => "an experimental certificate",
        _ => $"a certificate of kind {key}",
    };
}

namespace EdgeGate.Center.Settings;

/// <summary>What a new gate is given in its bundle; without these settings gates are let in by hand.</summary>
internal sealed record EnrolmentSettings
{
    /// <summary>The broker as gates reach it: by exactly the name that its certificate carries.</summary>
    public required string Host { get; init; }
    public int Port { get; init; } = 8883;

    /// <summary>PEM of the authority that vouches for the broker; the gates' own list of authorities when left out.</summary>
    public string? CaFile { get; init; }

    /// <summary>Where the broker's access files lie: edgegate.acl, and edgegate.passwd or edgegate.crl.</summary>
    public required string AccessDirectory { get; init; }

    /// <summary>Public key (PEM) that gates seal personal data to; its private half is not here.</summary>
    public required string EvidencePublicKeyFile { get; init; }

    /// <summary>Vouches for gates at the broker (PEM); gates get a password when left out.</summary>
    public string? GateAuthorityFile { get; init; }
    public string? GateAuthorityKeyFile { get; init; }

    /// <summary>Beside the center's own: for example that of the office which publishes lists of persons.</summary>
    public IReadOnlyList<PublicKeySettings> MoreKeys { get; init; } = [];

    /// <summary>How long a bundle can be used.</summary>
    public int BundleDays { get; init; } = 7;
    public int CertificateDays { get; init; } = 1825;
}

/// <param name="Id">By which commands name it.</param>
internal sealed record PublicKeySettings(string Id, string PublicKeyFile);

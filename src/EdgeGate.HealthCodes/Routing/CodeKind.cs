namespace EdgeGate.HealthCodes.Routing;

/// <summary>What a scanned text is, by its form alone.</summary>
public enum CodeKind
{
    /// <summary>None of those below.</summary>
    Unknown,

    /// <summary><c>HC1:</c>, EU DCC or WHO certificate; also <c>HC2:</c> and later, which are not understood yet.</summary>
    HealthCertificate,

    /// <summary><c>shc:/</c>, whole or one of several parts.</summary>
    SmartHealthCard,

    /// <summary><c>EGP1:</c>, a pass of this operator.</summary>
    EdgeGatePass,

    /// <summary><c>mdoc:</c>, engagement of an ISO 18013-5 document; its data would come by radio.</summary>
    MobileDocument,

    /// <summary>A poster's code that names a place; known by a configured pattern.</summary>
    PlaceCode,

    /// <summary>An address or token that an online provider resolves; known by a configured pattern.</summary>
    ProviderCode,

    /// <summary>An 18-character citizen number (GB 11643), typed by a wedge reader or by hand. Only its form is checked.</summary>
    CitizenNumber,
}

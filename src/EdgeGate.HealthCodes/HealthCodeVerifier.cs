using EdgeGate.HealthCodes.Hcert;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.SmartHealthCards;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes;

/// <summary>
/// Says what a scanned code is worth, without a network. Safe to use from several lanes at once. Never throws for what a code
/// contains.
/// </summary>
public sealed class HealthCodeVerifier
{
    private readonly HealthCodeOptions _options;
    private readonly HcertVerifier _certificates;
    private readonly CardVerifier _cards;
    private readonly PassVerifier _passes;

    /// <param name="trust">Whom to believe; may be loaded later and replaced at any time.</param>
    public HealthCodeVerifier(TrustStore trust, HealthCodeOptions? options = null)
    {
        _options = options ?? new HealthCodeOptions();
        _certificates = new HcertVerifier(trust, _options);
        _cards = new CardVerifier(trust, _options);
        _passes = new PassVerifier(_options);
    }

    /// <param name="text">As the scanner gave it; the parts of a card in several codes one a line (<see cref="CardParts"/>).</param>
    /// <param name="now">When it is judged.</param>
    public HealthCodeResult Verify(string text, in VerificationMoment now)
    {
        if (text.Length > CodeRouter.MaxText)
            return new Examination(CodeKind.Unknown).End(HealthCodeStatus.Malformed, $"The text has {text.Length} characters: no code is that long.");
        var code = CodeRouter.Route(text, _options.Patterns);
        return code.Kind switch
        {
            CodeKind.HealthCertificate when code.Text.StartsWith(HcertVerifier.Prefix, StringComparison.Ordinal) => _certificates.Verify(code.Text, now),
            CodeKind.HealthCertificate => Unsupported(code, $"It is a health certificate of a later version ({code.Text[..3]}), which is not understood here."),
            CodeKind.SmartHealthCard => _cards.Verify(code.Text, now),
            CodeKind.EdgeGatePass => _passes.Verify(code.Text, now),
            CodeKind.MobileDocument => Unsupported(code, "It begins a talk with a document in a phone (mdoc) by radio, which is not supported here."),
            CodeKind.ProviderCode => Unsupported(code, $"It is a code of the provider {code.Pattern!.Name}: only the provider can say what it is worth."),
            CodeKind.PlaceCode => Unsupported(code, $"It is a place code ({code.Pattern!.Name}): it names a place and no person."),
            CodeKind.CitizenNumber => Unsupported(code, "It is an ID number: it says who somebody may be, and nothing of their health."),
            _ => Unsupported(code, "It is no code that is known here."),
        };
    }

    /// <summary>
    /// Makes the first real verification as fast as later ones: runs every path once with keys and codes of its own. Takes some tenths of
    /// a second; nothing of it is kept.
    /// </summary>
    /// <returns>Whether a genuine code of each kind was accepted; if not, this installation cannot verify and a person must be told.</returns>
    public static bool WarmUp() => Simulated.WarmUp.Run();

    private static HealthCodeResult Unsupported(in RoutedCode code, string words) =>
        new Examination(code.Kind) { Pattern = code.Pattern?.Name }.End(HealthCodeStatus.Unsupported, words);
}

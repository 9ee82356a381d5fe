namespace EdgeGate.HealthCodes.SmartHealthCards;

/// <summary>
/// Collects the parts of a card that does not fit into one QR code (deprecated since SMART Health Cards 1.3, still read). One for each
/// lane, fed with every scanned text in order; not safe for use by several threads at once.
/// </summary>
public sealed class CardParts(TimeProvider time)
{
    public const int MaxParts = 8;

    /// <summary>Between the first part and the last: a person turns pages, another person's parts must not mix in.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private string?[] _parts = [];
    private long _begun;

    public CardPartsAnswer Offer(string text)
    {
        text = Routing.CodeRouter.Trim(text);
        if (!CardText.TryParse(text, out var card) || card.Of == 1)
        {
            // Anything else at the scanner, be it a whole card, is somebody's own presentation.
            _parts = [];
            return new CardPartsAnswer.NotAPart();
        }
        if (card.Of > MaxParts)
        {
            _parts = [];
            return new CardPartsAnswer.Refused($"a card of {card.Of} parts: {MaxParts} at most are read");
        }
        if (_parts.Length != card.Of || time.GetElapsedTime(_begun) > Patience || IsOfAnother(card.Part, text))
        {
            _parts = new string?[card.Of];
            _begun = time.GetTimestamp();
        }
        _parts[card.Part - 1] = text;
        var have = _parts.Count(part => part is not null);
        if (have < card.Of)
            return new CardPartsAnswer.Incomplete(have, card.Of);
        var whole = string.Join('\n', _parts);
        _parts = [];
        return new CardPartsAnswer.Complete(whole);
    }

    /// <summary>The same part with another content begins another card.</summary>
    private bool IsOfAnother(int part, string text) => _parts[part - 1] is { } known && known != text;
}

/// <summary>What came of one more scanned text.</summary>
public abstract record CardPartsAnswer
{
    /// <summary>Nothing to collect: verify the text as it is.</summary>
    public sealed record NotAPart : CardPartsAnswer;

    /// <summary>Ask for the other parts.</summary>
    public sealed record Incomplete(int Have, int Of) : CardPartsAnswer;

    /// <param name="Text">The parts in order, one a line: verify this.</param>
    public sealed record Complete(string Text) : CardPartsAnswer;

    public sealed record Refused(string Why) : CardPartsAnswer;
}

namespace EdgeGate.HealthCodes.Providers;

/// <summary>What a provider is asked.</summary>
/// <param name="Token">The text of the code, or an ID number, as it was read. It is sent, and not kept.</param>
/// <param name="Kind">Its kind in the provider's words, such as <c>QR</c> or <c>ID</c>.</param>
/// <param name="Device">The reader's id at the provider.</param>
/// <param name="Place">The entrance's id at the provider.</param>
/// <param name="Celsius">Body temperature, when measured.</param>
public sealed record ProviderQuestion(string Token, string Kind, string Device, string Place, decimal? Celsius = null)
{
    /// <summary>A QR code holds no more characters (version 40, alphanumeric mode); a longer token is not sent.</summary>
    public const int MaxTokenLength = 4296;

    // A record prints its properties, and this one must not get into a log.
    public override string ToString() => $"question of {Device} about a {Kind}";
}

/// <summary>What really happened after a question.</summary>
/// <param name="RequestId">Of the answer; the provider finds the person by it, so that the token need not be kept.</param>
/// <param name="Device">As in the question.</param>
/// <param name="Place">As in the question.</param>
/// <param name="Passed">Whether somebody went through.</param>
/// <param name="At">When.</param>
public sealed record ProviderPassage(string RequestId, string Device, string Place, bool Passed, DateTimeOffset At);

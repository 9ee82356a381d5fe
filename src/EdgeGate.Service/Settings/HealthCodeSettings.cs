using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeGate.Service.Settings;

internal sealed record HealthCodeSettings
{
    [AbsolutePath, Description("Signed list of whose health certificates are believed (edgegate trust import); read again when it changes.")]
    public string? TrustListFile { get; init; }

    [AbsolutePath, Description("Public key (PEM) that the trust list and the business rules must be signed with.")]
    public string? OperatorKeyFile { get; init; }

    [AbsolutePath, Description("Signed business rules for certificates, such as how old a test may be; without them none are asked.")]
    public string? RulesFile { get; init; }

    [Pattern("^[A-Z]{2}$", "two capital letters, such as \"CN\""), Description("Country whose business rules count.")]
    public string Country { get; init; } = "CN";

    [Count(0, 8), Description("Public keys (PEM) whose passes (EGP1 codes) are taken.")]
    public IReadOnlyList<string> PassKeyFiles { get; init; } = [];

    [Count(0, 8), Description("Servers that are asked about codes which are only a reference.")]
    public IReadOnlyList<HealthCodeProviderSettings> Providers { get; init; } = [];
}

internal enum ProviderStates
{
    ColourNames,
    AliyunIot,
    Hikvision,
    Dahua,
    WeCom,
}

internal enum WhenProviderFails
{
    Guard,
    Deny,
}

internal sealed record HealthCodeProviderSettings
{
    [Id, Description("Short name, for records and logs.")]
    public required string Id { get; init; }

    [StringLength(500, MinimumLength = 1), Description("Regular expression that the whole text of this provider's codes matches.")]
    public required string Pattern { get; init; }

    [StringLength(500, MinimumLength = 1), Description("Address asked; {token} {device} {place} {requestId} {timestamp} may stand in its query.")]
    public required string Address { get; init; }

    [Description("GET or POST.")]
    public ProviderMethod Method { get; init; } = ProviderMethod.Post;

    [StringLength(4000), Description("JSON body, in whose strings the placeholders stand; leave it out for none.")]
    public string? Body { get; init; }

    [Count(0, 16), Description("Headers sent with it.")]
    public IReadOnlyList<ProviderHeaderSettings> Headers { get; init; } = [];

    [SecretFile, Description("Secret of the HMAC-SHA-256 signature over the sorted parameters; leave it out for none.")]
    public string? SecretFile { get; init; }

    [StringLength(64, MinimumLength = 1), Description("Parameter that the signature goes into.")]
    public string SignatureName { get; init; } = "sign";

    [Count(1, 8), Description("Where colour or state stand in the reply, such as \"data.color\"; the first that is known decides.")]
    public required IReadOnlyList<string> Colour { get; init; }

    [Description("Whose words for colours and states these are.")]
    public ProviderStates States { get; init; }

    [StringLength(200), Description("Where the time of the last test stands in the reply.")]
    public string? TestTime { get; init; }

    [StringLength(200), Description("Where the masked name stands in the reply.")]
    public string? MaskedName { get; init; }

    [StringLength(500), Description("Address the actual passage is reported to; leave it out for none.")]
    public string? ReportAddress { get; init; }

    [StringLength(4000), Description("JSON body of that report; {requestId} {device} {place} {timestamp} and \"{passed:json}\" may stand in it.")]
    public string? ReportBody { get; init; }

    [Duration("00:00:00.1", "00:00:15"), Description("The lane never waits longer for an answer.")]
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(3);

    [Description("What a person gets while the provider cannot be asked.")]
    public WhenProviderFails WhenItFails { get; init; } = WhenProviderFails.Guard;

    [Duration("00:00:00", "1.00:00:00"), Description("A green given for the same code not longer ago than this is taken while the provider cannot be asked; zero for never.")]
    public TimeSpan CachedGreenFor { get; init; }

    [AbsolutePath, Description("Certificate authorities (PEM) the provider must be under; the system's own when left out.")]
    public string? CaFile { get; init; }
}

internal enum ProviderMethod
{
    Get,
    Post,
}

internal sealed record ProviderHeaderSettings
{
    [Pattern("^[A-Za-z0-9-]{1,64}$", "letters, digits and hyphens"), Description("Name of the header.")]
    public required string Name { get; init; }

    [StringLength(500), Description("Its value.")]
    public required string Value { get; init; }
}

internal enum HealthCodeAnswer
{
    Deny,
    Guard,
    Grant,
}

internal sealed record HealthCodeRuleSettings
{
    [Description("What a person gets who shows no health code in time.")]
    public HealthCodeAnswer WhenMissing { get; init; } = HealthCodeAnswer.Deny;

    [Description("What a person gets whose code can neither be believed nor refused now: no trusted clock, no fresh trust list.")]
    public HealthCodeAnswer WhenUnverified { get; init; } = HealthCodeAnswer.Guard;

    [Description("What a person gets with a yellow code.")]
    public HealthCodeAnswer WhenYellow { get; init; } = HealthCodeAnswer.Guard;

    [Description("What a person gets when nobody can tell whether code and ID card are of the same person, for example a Chinese name against one in Latin letters.")]
    public HealthCodeAnswer WhenHolderUnclear { get; init; } = HealthCodeAnswer.Grant;

    [Description("Whether those who pass with a paper pass or an access card need no health code.")]
    public bool PassesAreExempt { get; init; } = true;
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.HealthCodes;

/// <summary>From what gate.json says of health codes to what looks into them. A key or provider that cannot be used is left out and named.</summary>
internal static partial class HealthCodeSetup
{
    public static void AddHealthCodes(this IServiceCollection services, GateSettings settings, GateKeys keys)
    {
        var codes = settings.HealthCodes;
        var place = $"{settings.Site}/{settings.Gate}";
        services.AddSingleton<IReadOnlyDictionary<string, HttpHealthCodeProvider>>(provider => ProvidersOf(
            codes, keys, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HttpHealthCodeProvider>>()));
        services.AddSingleton(provider => new HealthCodeLists(
            codes.TrustListFile, codes.RulesFile, KeysIn(codes.OperatorKeyFile, provider.GetRequiredService<ILogger<HealthCodeLists>>()),
            verifies: settings.Lanes.Any(lane => lane.Asks(LaneEvidence.HealthCode)) || codes.PassKeyFiles.Count > 0,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HealthCodeLists>>()));
        services.AddHostedService(provider => provider.GetRequiredService<HealthCodeLists>());
        services.AddSingleton(provider => new ProviderReports(
            provider.GetRequiredService<IReadOnlyDictionary<string, HttpHealthCodeProvider>>(), place, provider.GetRequiredService<GateClock>()));
        services.AddHostedService(provider => provider.GetRequiredService<ProviderReports>());
        services.AddSingleton(provider => new PassRegister(provider.GetRequiredService<RegisterShelf>(), new PersonKeys(keys.SiteSecret), keys.SiteSecret));
        services.AddSingleton(provider =>
        {
            var lists = provider.GetRequiredService<HealthCodeLists>();
            return new HealthCodeVerifier(lists.Trust, new HealthCodeOptions
            {
                Patterns = PatternsOf(codes),
                PassKeys = PassKeysOf(codes, provider.GetRequiredService<ILogger<HealthCodeLists>>()),
                PassRegister = provider.GetRequiredService<PassRegister>(),
                Rules = codes.RulesFile is null ? null : new RuleSetRules(() => lists.Rules, codes.Country),
            });
        });
    }

    /// <summary>One for each scanner: the parts of a card come to one.</summary>
    public static CodeIntake IntakeOf(GateSettings settings, LaneSettings lane, LaneInputs inputs, IServiceProvider services)
    {
        var place = $"{settings.Site}/{settings.Gate}";
        return ActivatorUtilities.CreateInstance<CodeIntake>(services, inputs, new CodeIntakeOptions
        {
            TakesHealthCodes = lane.Asks(LaneEvidence.HealthCode),
            TakesPasses = settings.HealthCodes.PassKeyFiles.Count > 0,
            Patterns = PatternsOf(settings.HealthCodes),
            GateNames = [settings.Gate, place, EdgeGatePass.EveryGateOf(settings.Site)],
            Direction = lane.Direction is LaneDirection.Entry ? PassDirections.Entry : PassDirections.Exit,
            Place = place,
        });
    }

    private static CodePattern[] PatternsOf(HealthCodeSettings codes) =>
        [.. codes.Providers.Select(provider => new CodePattern(provider.Id, CodeKind.ProviderCode, provider.Pattern))];

    private static List<JsonWebKey> KeysIn(string? file, ILogger log) =>
        file is not null && TryUse(file, log, () => JsonWebKey.From(PublicKeyIn(file))) is { } key ? [key] : [];

    private static List<PassKey> PassKeysOf(HealthCodeSettings codes, ILogger log) =>
        [.. codes.PassKeyFiles.Select(file => TryUse(file, log, () => PassKey.FromPem(File.ReadAllText(file)))).OfType<PassKey>()];

    private static ECDsa PublicKeyIn(string file)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(file));
        return key;
    }

    private static Dictionary<string, HttpHealthCodeProvider> ProvidersOf(HealthCodeSettings codes, GateKeys keys, TimeProvider time, ILogger log)
    {
        var providers = new Dictionary<string, HttpHealthCodeProvider>(StringComparer.Ordinal);
        foreach (var settings in codes.Providers)
        {
            if (TryUse(settings.Id, log, () => new HttpHealthCodeProvider(OptionsOf(settings, keys), time)) is { } provider)
                providers[settings.Id] = provider;
        }
        return providers;
    }

    internal static ProviderOptions OptionsOf(HealthCodeProviderSettings settings, GateKeys keys) => new()
    {
        Id = settings.Id,
        Verify = new ProviderEndpoint
        {
            Address = settings.Address,
            Method = settings.Method is ProviderMethod.Get ? "GET" : "POST",
            Body = settings.Body,
            Headers = settings.Headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.Ordinal),
        },
        Report = settings.ReportAddress is { } report ? new ProviderEndpoint { Address = report, Body = settings.ReportBody } : null,
        Signature = settings.SecretFile is { } secret
            ? new ProviderSignature { Secret = System.Text.Encoding.UTF8.GetBytes(File.ReadAllText(secret).TrimEnd('\r', '\n')), Name = settings.SignatureName }
            : null,
        Tls = new ProviderTls { PinnedAuthorities = settings.CaFile is { } authorities ? AuthoritiesIn(authorities) : null },
        Reply = new ProviderReplyForm
        {
            Colour = settings.Colour,
            States = settings.States switch
            {
                ProviderStates.AliyunIot => ProviderPresets.AliyunIot,
                ProviderStates.Hikvision => ProviderPresets.Hikvision,
                ProviderStates.Dahua => ProviderPresets.Dahua,
                ProviderStates.WeCom => ProviderPresets.WeCom,
                _ => ProviderPresets.ColourNames,
            },
            TestTime = settings.TestTime,
            MaskedName = settings.MaskedName,
        },
        Budget = settings.Budget,
        SecondAttemptAfter = settings.Budget * 0.4,
        Offline = new ProviderOffline
        {
            Answer = settings.WhenItFails is WhenProviderFails.Deny ? OfflineAnswer.Deny : OfflineAnswer.Guard,
            CachedGreenFor = settings.CachedGreenFor > TimeSpan.Zero ? settings.CachedGreenFor : null,
        },
        HashKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.SiteSecret, 32, info: "provider tokens"u8.ToArray()),
    };

    private static X509Certificate2Collection AuthoritiesIn(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities;
    }

    private static T? TryUse<T>(string what, ILogger log, Func<T> use)
        where T : class
    {
        try
        {
            return use();
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or ProviderOptionsException)
        {
            LogUnusable(log, what, unusable.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "{What} cannot be used for health codes and is left out: {Cause}")]
    private static partial void LogUnusable(ILogger log, string what, string cause);
}

using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.BusinessRules;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.Service.HealthCodes;

/// <summary>
/// Keeps trust list and business rules as new as their files. A file that is missing, forged or broken leaves the list in use where it is, and
/// says so; it never keeps the gate from starting.
/// </summary>
/// <param name="verifies">Whether codes are verified here at all: else nothing is warmed up, and the gate starts faster.</param>
internal sealed partial class HealthCodeLists(string? trustListFile, string? rulesFile, IReadOnlyList<JsonWebKey> operatorKeys, bool verifies, TimeProvider time, ILogger<HealthCodeLists> log)
    : BackgroundService
{
    private const string TrustListWord = "trust list", RulesWord = "business rules";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private readonly TrustListFile? _file = trustListFile is null ? null : new TrustListFile(trustListFile);
    private TrustStore? _trust;
    private DateTime _trustSeen;
    private DateTime _rulesSeen;
    private volatile RuleSet? _rules;

    public TrustStore Trust => _trust ??= _file?.CreateStore(operatorKeys) ?? new TrustStore(operatorKeys);

    /// <summary>Null while none is loaded.</summary>
    public RuleSet? Rules => _rules;

    /// <summary>What keeps a list from being as it should be, in words; empty when all is well.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = [];

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Read(); // before the first person comes
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (verifies)
            await Task.Run(WarmUp, stoppingToken);
        using var looks = new PeriodicTimer(Look, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
            Read();
    }

    internal void Read()
    {
        // What could not be used is tried again: a mode that was put right leaves the file's time where it was.
        if (_file is not null && (HasChanged(trustListFile!, ref _trustSeen) || IsFaulty(TrustListWord)))
            Note(TrustListWord, trustListFile!, _file.LoadInto(Trust) is TrustLoad.Refused refused ? refused.Why : null);
        if (rulesFile is not null && (HasChanged(rulesFile, ref _rulesSeen) || IsFaulty(RulesWord)))
            Note(RulesWord, rulesFile, WhyNotRules(rulesFile));
    }

    private string? WhyNotRules(string file)
    {
        try
        {
            var fresh = SignedRuleSet.Open(File.ReadAllText(file), operatorKeys);
            if (_rules is { } inUse && fresh.Version < inUse.Version)
                return $"it is version {fresh.Version}, and version {inUse.Version} is in use";
            _rules = fresh;
            return null;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or RuleSetException)
        {
            return unusable.Message;
        }
    }

    private bool IsFaulty(string what) => Faults.Any(fault => fault.StartsWith(what, StringComparison.Ordinal));

    private void Note(string what, string file, string? fault)
    {
        if (fault is not null && Faults.Contains($"{what}: {fault}"))
            return; // said already
        Faults = [.. Faults.Where(known => !known.StartsWith(what, StringComparison.Ordinal)), .. fault is null ? Array.Empty<string>() : [$"{what}: {fault}"]];
        if (fault is null)
            LogTaken(what, file);
        else
            LogRefused(what, file, fault);
    }

    /// <summary>Also true the first time, and for a file that is not there: then the reading says so.</summary>
    private static bool HasChanged(string file, ref DateTime seen)
    {
        var written = File.GetLastWriteTimeUtc(file);
        if (written == seen)
            return false;
        seen = written;
        return true;
    }

    private void WarmUp()
    {
        if (!HealthCodeVerifier.WarmUp())
            LogColdStart();
    }

    [LoggerMessage(LogLevel.Information, "The {What} in {File} is in use")]
    private partial void LogTaken(string what, string file);

    [LoggerMessage(LogLevel.Error, "The {What} in {File} is not taken, what was in use stays: {Fault}")]
    private partial void LogRefused(string what, string file, string fault);

    [LoggerMessage(LogLevel.Warning, "The verification of health codes failed on a code of its own: look at the installation")]
    private partial void LogColdStart();
}

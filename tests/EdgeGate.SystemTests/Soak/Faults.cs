using EdgeGate.Service.Demo;

namespace EdgeGate.SystemTests.Soak;

/// <summary>Everything that breaks in the soak, each as one blow; what a machine cannot do is left out and said.</summary>
internal sealed class Faults
{
    private const string Damage = "store damaged";
    private readonly DemoSite _site;
    private readonly Random _random;
    private readonly Func<Task> _restartGate;
    private readonly Func<Task> _beforeDamage;
    private readonly List<(string Name, int Weight, Func<Task> Do)> _kinds;
    private readonly SortedDictionary<string, int> _done = new(StringComparer.Ordinal);
    private readonly Queue<int> _eachOnce;

    /// <param name="restartGate">Starts it and returns when somebody was let through.</param>
    /// <param name="beforeDamage">Runs while the gate is dead and its files are still whole.</param>
    public Faults(DemoSite site, Random random, SmallDisk? disk, SettableClock? clock, Func<Task> restartGate, Func<Task> beforeDamage)
    {
        (_site, _random, _restartGate, _beforeDamage) = (site, random, restartGate, beforeDamage);
        _kinds =
        [
            ("gate killed", 66, KillGateAsync),
            ("broker killed and its memory lost", 8, LoseBrokerMemoryAsync),
            ("broker frozen", 8, FreezeBrokerAsync),
            ("broker restarted", 8, RestartBrokerAsync),
            ("link cut", 4, CutLinkAsync),
            (Damage, 2, DamageStoreAsync),
        ];
        if (disk is not null)
            _kinds.Add(("disk full", 2, () => FillAsync(disk)));
        if (clock is not null)
            _kinds.Add(("clock set", 2, () => StepAsync(clock)));
        var order = Enumerable.Range(0, _kinds.Count).ToArray();
        random.Shuffle(order);
        _eachOnce = new(order);
    }

    public int Kinds => _kinds.Count;

    /// <summary>How often a file was damaged: only that may make numbers void.</summary>
    public int Damages => _done.GetValueOrDefault(Damage);

    /// <summary>How often each kind struck.</summary>
    public string Report => string.Join(", ", _done.Select(kind => $"{kind.Value} × {kind.Key}"));

    /// <summary>Each kind once in random order, then by their weights.</summary>
    public async Task StrikeAsync()
    {
        var kind = _kinds[_eachOnce.TryDequeue(out var first) ? first : PickByWeight()];
        await kind.Do();
        _done[kind.Name] = _done.GetValueOrDefault(kind.Name) + 1;
    }

    private int PickByWeight()
    {
        var left = _random.Next(_kinds.Sum(kind => kind.Weight));
        var at = 0;
        while ((left -= _kinds[at].Weight) >= 0)
            at++;
        return at;
    }

    private async Task KillGateAsync()
    {
        await _site.Process.KillAsync();
        await _restartGate();
    }

    private async Task LoseBrokerMemoryAsync()
    {
        await _site.Broker.LoseMemoryAsync();
        await PauseAsync(0, 1500);
        await _site.Broker.StartAsync(CancellationToken.None);
    }

    private async Task FreezeBrokerAsync()
    {
        await _site.Broker.FreezeAsync();
        await PauseAsync(200, 2000);
        await _site.Broker.ThawAsync();
    }

    private async Task RestartBrokerAsync()
    {
        await _site.Broker.StopAsync();
        await PauseAsync(0, 1000);
        await _site.Broker.StartAsync(CancellationToken.None);
    }

    private async Task CutLinkAsync()
    {
        _site.Wire.Cut();
        await PauseAsync(300, 5000);
        _site.Wire.Mend();
    }

    private async Task DamageStoreAsync()
    {
        await _site.Process.KillAsync();
        await _beforeDamage();
        StoreDamage.Do(_site.JournalDirectory, _random);
        await _restartGate();
    }

    private async Task FillAsync(SmallDisk disk)
    {
        await disk.FillAsync();
        await PauseAsync(1000, 4000);
        disk.Empty();
    }

    private async Task StepAsync(SettableClock clock)
    {
        clock.Offset = _random.Next(4) switch
        {
            0 => "-20000d", // the seventies: a Pi without a battery
            1 => "+30d",
            2 => "-7d",
            _ => "+0",
        };
        await PauseAsync(500, 2500);
    }

    private Task PauseAsync(int from, int to) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(from, to)), TimeProvider.System);
}

using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Registers;

/// <summary>
/// Brings what is on disk into force: at the start, and within two seconds after the command line changed a list. Each version that
/// came into force becomes a record. Looking is chosen over a request to the gate because it works the same when the gate was off, and
/// leaves nothing that can be called from outside.
/// </summary>
internal sealed partial class RegisterService(
    RegisterStore store, RegisterShelf shelf, string recordedFile, RecordKeeper records, GateClock clock, TimeProvider time, ILogger<RegisterService> log)
    : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);
    private Dictionary<string, long> _recorded = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // a list that is read for the first time takes seconds, and a start waits for nothing
        _recorded = ReadRecorded();
        using var looks = new PeriodicTimer(LookEvery, time);
        do
        {
            await LookAsync(stoppingToken);
        }
        while (await looks.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        DiscardDamaged();
        try
        {
            // What was called back first: without it a pass is good that is not.
            foreach (var name in store.Names.OrderByDescending(name => name == PassRegister.Revoked))
                await LookAsync(name, stopping);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(unreadable);
        }
    }

    /// <summary>Whatever keeps this list from being read keeps no other.</summary>
    private async Task LookAsync(string name, CancellationToken stopping)
    {
        try
        {
            var current = shelf.Find(name);
            var reading = store.Advance(name, current);
            TellOnce(name, reading);
            if (reading.Register is not { } register)
                return;
            if (shelf.Withdrawn(name) is { } withdrawn && register.Version < withdrawn)
            {
                shelf.KeepMissing(name, withdrawn, $"version {withdrawn} was damaged, and of its files only version {register.Version} can be read: send the whole list anew");
                (register.Persons as IDisposable)?.Dispose();
                return; // it may lack whom a later version put on it
            }
            if (register.Version != current?.Version)
            {
                shelf.Put(register);
                LogInForce(name, register.Version, register.Persons.Count);
            }
            await RecordAsync(register, stopping);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            LogUnreadable(unreadable);
        }
    }

    private void DiscardDamaged()
    {
        while (shelf.Damaged.TryDequeue(out var damaged))
        {
            LogDamaged(damaged.Register.Name, damaged.Register.Version, damaged.Cause);
            if (((damaged.Register.Persons as PatchedTable)?.Table ?? damaged.Register.Persons) is TableFile table)
                Discard(table);
        }
    }

    private void Discard(TableFile table)
    {
        try
        {
            store.Discard(table);
        }
        catch (Exception undeletable) when (undeletable is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(undeletable);
        }
    }

    private void TellOnce(string name, RegisterReading reading)
    {
        var faults = string.Join("; ", reading.Faults);
        if (faults.Length > 0 && _told.GetValueOrDefault(name) != faults)
            LogUnusable(name, reading.Register?.Version ?? 0, faults);
        _told[name] = faults;
    }

    /// <summary>A change whose record cannot be written is recorded at a later look; it is in force all the same.</summary>
    private async Task RecordAsync(Register register, CancellationToken stopping)
    {
        var recorded = _recorded.GetValueOrDefault(register.Name);
        if (recorded >= register.Version)
            return;
        try
        {
            foreach (var change in store.ChangesSince(register.Name, recorded).Where(change => change.Version <= register.Version))
            {
                var now = clock.Read();
                await records.RegisterChangedAsync(RecordOf(change, now), now, stopping);
                _recorded[register.Name] = change.Version;
            }
            DurableFile.Write(recordedFile, JsonSerializer.SerializeToUtf8Bytes(_recorded, StateShapes.Default.RecordedVersions)); // lost, it makes a record twice and none missing
        }
        catch (Exception notNow) when (notNow is JournalException or IOException)
        {
            LogNotRecorded(register.Name, notNow);
        }
    }

    private static RegisterChangedRecord RecordOf(RegisterVersion change, Access.ClockReading now) => new()
    {
        Register = change.Name,
        Version = change.Version,
        Base = change.Base,
        IssuedAt = change.IssuedAt,
        By = change.By,
        Added = change.Added,
        Changed = change.Changed,
        Removed = change.Removed,
        Persons = change.Persons,
        Sealed = change.SealedReason,
        Clock = ClockRecord.From(now),
    };

    private Dictionary<string, long> ReadRecorded()
    {
        try
        {
            return File.Exists(recordedFile) ? JsonSerializer.Deserialize(File.ReadAllBytes(recordedFile), StateShapes.Default.RecordedVersions) ?? [] : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return []; // the versions on disk are recorded once more
        }
    }

    [LoggerMessage(LogLevel.Information, "Register {Name}: version {Version} with {Persons} persons is in force")]
    private partial void LogInForce(string name, long version, int persons);

    [LoggerMessage(LogLevel.Error, "Register {Name}: a file cannot be used, version {Version} stays in force: {Fault}")]
    private partial void LogUnusable(string name, long version, string fault);

    [LoggerMessage(LogLevel.Error, "Register {Name}: the table of version {Version} is damaged; the list was missing from then on, and is made anew from the files it came in")]
    private partial void LogDamaged(string name, long version, Exception cause);

    [LoggerMessage(LogLevel.Error, "The registers cannot be read; those in force stay so")]
    private partial void LogUnreadable(Exception cause);

    [LoggerMessage(LogLevel.Error, "Register {Name}: its change could not be recorded yet")]
    private partial void LogNotRecorded(string name, Exception cause);
}

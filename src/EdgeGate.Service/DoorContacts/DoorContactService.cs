using System.Text.Json;
using EdgeGate.Devices.Ports;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.DoorContacts;

/// <summary>Hears the door contacts at the gate's broker and puts on record what their doors do.</summary>
internal sealed partial class DoorContactService : BackgroundService
{
    private const int LongestMessage = 16 * 1024;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<DoorContact> _contacts;
    private readonly string _stateFile;
    private readonly IMqttLink _link;
    private readonly RecordKeeper _records;
    private readonly DeviceBoard _board;
    private readonly GateClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger<DoorContactService> _log;

    /// <param name="stateFile">How each door stood, so that what is told again after a restart is no news.</param>
    public DoorContactService(
        IReadOnlyList<DoorContactSettings> contacts, string stateFile, IMqttLink link, RecordKeeper records, DeviceEvents events, DeviceBoard board, GateClock clock, TimeProvider time,
        ILogger<DoorContactService> log)
    {
        (_stateFile, _link, _records, _board, _clock, _time, _log) = (stateFile, link, records, board, clock, time, log);
        var known = ReadState();
        _contacts = [.. contacts.Select(contact => new DoorContact(
            contact, known.TryGetValue(contact.Id, out var isOpen) ? isOpen : null, happened => events.Tell(contact.Id, happened),
            (state, words) => board.Tell(contact.Id, state, words, reconnects: 0), time))];
    }

    /// <summary>To be started before the link, so that what the broker kept finds its handler.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var contact in _contacts)
        {
            contact.Show();
            _ = SubscribeAsync(contact);
        }
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var contact in _contacts)
                contact.TimePassed();
        }
    }

    private async Task SubscribeAsync(DoorContact contact)
    {
        var answer = await _link.SubscribeAsync(contact.Settings.Topic, (message, _) => HearAsync(contact, message), CancellationToken.None);
        if (answer >= MqttReason.UnspecifiedError)
            _board.Tell(contact.Settings.Id, DeviceState.NotPermitted, $"the broker does not let the gate hear {contact.Settings.Topic} ({answer}): look at its access list", reconnects: 0);
    }

    private async ValueTask HearAsync(DoorContact contact, MqttInbound message)
    {
        if (message.Payload.Length is 0 or > LongestMessage || contact.Take(message.Payload) is not { IsOpen: { } open } news)
            return;
        var now = _clock.Read();
        var isQuarantine = contact.Settings.QuarantineHome;
        var record = new DoorContactRecord
        {
            Contact = contact.Settings.Id,
            Open = open,
            QuarantineHome = isQuarantine ? true : null,
            BatteryPercent = news.BatteryPercent,
            Tamper = news.Tamper,
            Clock = ClockRecord.From(now),
        };
        try
        {
            await _records.DoorContactAsync(record, now, isQuarantine ? (open ? "quarantine-door-opened" : "quarantine-door-closed") : null, CancellationToken.None);
        }
        catch (JournalException broken)
        {
            LogNotRecorded(contact.Settings.Id, broken);
            return;
        }
        contact.Recorded(open);
        WriteState();
    }

    private Dictionary<string, bool> ReadState()
    {
        try
        {
            return File.Exists(_stateFile) ? JsonSerializer.Deserialize(File.ReadAllBytes(_stateFile), StateShapes.Default.OpenDoors) ?? [] : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            LogStateNotKept(unreadable);
            return [];
        }
    }

    private void WriteState()
    {
        try
        {
            DurableFile.Write(_stateFile, JsonSerializer.SerializeToUtf8Bytes(
                _contacts.Where(contact => contact.IsOpen is not null).ToDictionary(contact => contact.Settings.Id, contact => contact.IsOpen!.Value, StringComparer.Ordinal),
                StateShapes.Default.OpenDoors));
        }
        catch (IOException unwritable)
        {
            LogStateNotKept(unwritable);
        }
    }

    [LoggerMessage(LogLevel.Error, "Door contact {Contact}: what its door does could not be recorded; its next message is taken for news")]
    private partial void LogNotRecorded(string contact, Exception cause);

    [LoggerMessage(LogLevel.Warning, "Door contacts: how the doors stood cannot be read or kept; after a restart they are on record once more")]
    private partial void LogStateNotKept(Exception cause);
}

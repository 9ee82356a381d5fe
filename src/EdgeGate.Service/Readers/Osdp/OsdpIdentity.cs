using System.Text;
using EdgeGate.Devices.Osdp;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>Which device is known at one address: the first that answered there, kept in a file. A new firmware makes it no other device.</summary>
internal sealed partial class OsdpIdentity
{
    private readonly string _file, _id;
    private readonly ILogger _log;
    private readonly Lock _lock = new(); // a person's word does not come on the line's loop
    private string? _known;

    /// <param name="file">Need not be there. One that cannot be read knows nobody.</param>
    /// <param name="id">Of the device in the settings; for words.</param>
    public OsdpIdentity(string file, string id, ILogger log)
    {
        (_file, _id, _log) = (file, id, log);
        try
        {
            _known = File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            LogNotKept(id, unreadable);
        }
    }

    /// <summary>Why this is not the device that is known, in words; null when it is, or when none was.</summary>
    /// <param name="answered">Null for a device that does not say who it is.</param>
    public string? ObjectionTo(OsdpIdentification? answered)
    {
        var who = answered is null ? null : WordsOf(answered);
        lock (_lock)
        {
            if (_known is null && who is not null)
                Learn(who);
            return who == _known ? null : $"{who ?? "a device that does not say who it is"} answers in the place of {_known}: if that is right, accept it (a file osdp-accept-{_id} in the data directory)";
        }
    }

    public static string WordsOf(OsdpIdentification answered) => $"{answered.Vendor} model {answered.Model} serial {answered.Serial:X8}";

    public void Forget()
    {
        lock (_lock)
            _known = null;
    }

    private void Learn(string who)
    {
        _known = who;
        try
        {
            DurableFile.Write(_file, Encoding.UTF8.GetBytes(who + "\n"));
        }
        catch (IOException unwritable)
        {
            LogNotKept(_id, unwritable);
        }
    }

    [LoggerMessage(LogLevel.Error, "Device {Device}: who it is could not be kept or read; after a restart whoever answers is taken for it")]
    private partial void LogNotKept(string device, Exception cause);
}

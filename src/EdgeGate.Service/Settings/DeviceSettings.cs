using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Devices.Scanners;

namespace EdgeGate.Service.Settings;

internal abstract record DeviceSettings
{
    [Id, Description("Short name of the device, unique at this gate; part of its topic.")]
    public required string Id { get; init; }
}

/// <summary>A device with a port of its own, known by the port's name, by what its USB adapter says of itself, or both.</summary>
internal interface IPortDevice
{
    string Id { get; }
    string? Port { get; }
    UsbSettings? Usb { get; }

    /// <summary>What is one port has one place.</summary>
    string Place => Port is { } port ? Path.GetFullPath(port) : Usb?.ToSelector().ToString() ?? "";
}

internal sealed record UsbSettings
{
    private const string Hexadecimal = "^[0-9a-f]{4}$", HexadecimalWords = "four digits of 0-9 and a-f, as devices list shows them";

    [Pattern(Hexadecimal, HexadecimalWords), Description("Vendor of the USB device.")]
    public string? Vendor { get; init; }

    [Pattern(Hexadecimal, HexadecimalWords), Description("Which of the vendor's products.")]
    public string? Product { get; init; }

    [Pattern(@"^[^\u0000-\u001f]{1,64}$", "1 to 64 characters"), Description("Serial number of the USB device, where it has one.")]
    public string? SerialNumber { get; init; }

    [Pattern("^[!-~]{3,100}$", "a place such as \"0000:01:00.0/1.2\", as devices list shows it"), Description("Where it is plugged in: this tells apart adapters that have no serial number.")]
    public string? Path { get; init; }

    public UsbSelector ToSelector() => new(Vendor, Product, SerialNumber, Path);
}

/// <summary>A device on a serial line. The kinds set their usual speed.</summary>
internal interface ISerialDevice : IPortDevice
{
    int Baud { get; }
}

/// <summary>A reader of codes, which may be set to put something around each of them.</summary>
internal interface ICodeScanner : IPortDevice
{
    DecorationSettings Decoration { get; }
}

internal sealed record DecorationSettings
{
    [Pattern("^.{0,16}$", "up to 16 characters"), Description("Text before each code.")]
    public string Prefix { get; init; } = "";

    [Pattern("^.{0,16}$", "up to 16 characters"), Description("Text after each code, before what ends it.")]
    public string Suffix { get; init; } = "";

    [Description("Whether a symbology identifier such as ]Q1 stands before the code, behind the prefix.")]
    public bool SymbologyIdentifier { get; init; }

    public CodeDecoration ToDecoration() => new() { Prefix = Prefix, Suffix = Suffix, HasSymbologyIdentifier = SymbologyIdentifier };
}

/// <summary>A device that may share its line with others, told apart by address. Reader and portal at one address are one device.</summary>
internal interface IOsdpDevice : ISerialDevice
{
    int Address { get; }
    string? KeyFile { get; }
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SamVReaderSettings), "sam-v")]
[JsonDerivedType(typeof(LineScannerSettings), "line-scanner")]
[JsonDerivedType(typeof(Gm65ScannerSettings), "gm65")]
[JsonDerivedType(typeof(Gm67ScannerSettings), "gm67")]
[JsonDerivedType(typeof(WedgeScannerSettings), "wedge")]
[JsonDerivedType(typeof(OsdpReaderSettings), "osdp")]
[JsonDerivedType(typeof(WiegandReaderSettings), "wiegand")]
[JsonDerivedType(typeof(HandheldReaderSettings), "handheld")]
internal abstract record ReaderSettings : DeviceSettings;

internal abstract record SerialReaderSettings : ReaderSettings, ISerialDevice
{
    [AbsolutePath, Description("Serial port; names under /dev/serial/by-id stay the same when devices are plugged in again.")]
    public string? Port { get; init; }

    [Description("The USB adapter it hangs on: instead of port, or beside it to make sure.")]
    public UsbSettings? Usb { get; init; }

    [AllowedValues(1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200), Description("Speed of the line, as set in the device.")]
    public int Baud { get; init; } = 9600;
}

[Description("Resident ID card reader with a SAM-V module.")]
internal sealed record SamVReaderSettings : SerialReaderSettings
{
    public SamVReaderSettings() => Baud = 115200;

    [Duration("00:00:00.1", "00:00:02"), Description("Pause between two looks for a card.")]
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    [Description("How the gate tells that a card was taken away: additional-address for modules that find a card they have read no more (80), find-card for those that find it as long as it lies there (9F).")]
    public CardRemovalProbe Removal { get; init; } = CardRemovalProbe.AdditionalAddress;

    [Description("Whether the portrait on the card goes into the sealed part of the record, as the card has it.")]
    public bool Photo { get; init; }

    [Description("Whether the additional address on the card, to which the holder moved since it was made, is asked for and goes into the sealed part of the record. One question more for each card.")]
    public bool AdditionalAddress { get; init; }

    [Description("Whether cards are read in the form that brings the fingerprints too, for a module that answers no other. The gate throws them away at once: it keeps and compares none.")]
    public bool Fingerprints { get; init; }
}

internal abstract record SerialScannerSettings : SerialReaderSettings, ICodeScanner
{
    [Description("What the scanner puts around each code; it is taken away again.")]
    public DecorationSettings Decoration { get; init; } = new();
}

[Description("Code scanner that sends each code as text.")]
internal sealed record LineScannerSettings : SerialScannerSettings
{
    [Description("How the scanner marks where a code ends: line (CR, LF or both after it), stx-etx (STX before, ETX after), gap (nothing but silence).")]
    public ScannerFraming Framing { get; init; } = ScannerFraming.Line;
}

[Description("GM65 code scanner module (also GM60, GM805, GM812, GM861), set up by its registers.")]
internal sealed record Gm65ScannerSettings : SerialScannerSettings
{
    [Description("When it looks for codes: induction (when something comes before it) or continuous.")]
    public Gm65Mode Mode { get; init; } = Gm65Mode.Induction;
}

[Description("GM67 code scanner module, which sends codes as packets.")]
internal sealed record Gm67ScannerSettings : SerialScannerSettings;

[Description("Code scanner that is a USB keyboard. What it types reaches nothing but the gate.")]
internal sealed record WedgeScannerSettings : ReaderSettings, ICodeScanner
{
    [AbsolutePath, Description("Keyboard; names under /dev/input/by-id stay the same when devices are plugged in again.")]
    public string? Port { get; init; }

    [Description("Its USB identity: instead of port, or beside it to make sure.")]
    public UsbSettings? Usb { get; init; }

    [Description("Whether silence ends a code, for a scanner that presses no Enter.")]
    public bool EndsAtSilence { get; init; }

    [Description("What the scanner puts around each code; it is taken away again.")]
    public DecorationSettings Decoration { get; init; } = new();
}

[Description("Card reader on an RS-485 line (OSDP v2); several share one line, each with its own address.")]
internal sealed record OsdpReaderSettings : SerialReaderSettings, IOsdpDevice
{
    [Range(0, 126), Description("The reader's address on its line.")]
    public required int Address { get; init; }

    [SecretFile, Description("The reader's own key, 32 hexadecimal digits: it is then used over the secure channel only. Without it cards cross the line in the clear.")]
    public string? KeyFile { get; init; }

    [Description("Whether its lights and its buzzer tell people what the gate decided.")]
    public bool Feedback { get; init; } = true;

    [Description("Whether a code of 4 to 12 digits typed on its keys and ended with # counts as a credential, PIN- and the digits; * begins anew.")]
    public bool Keypad { get; init; }
}

[Description("A guard's phone or wedge scanner, by way of the guard post.")]
internal sealed record HandheldReaderSettings : ReaderSettings;

internal enum PortalWithoutJournal
{
    StayClosed,
    Open,
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LcusPortalSettings), "lcus-1")]
[JsonDerivedType(typeof(TextPortalSettings), "text")]
[JsonDerivedType(typeof(OsdpPortalSettings), "osdp")]
[JsonDerivedType(typeof(GpioPortalSettings), "gpio")]
[JsonDerivedType(typeof(NoPortalSettings), "none")]
internal abstract record PortalSettings : DeviceSettings
{
    /// <summary>Why the mode free cannot be had with it, in words; null when it can.</summary>
    public abstract string? WhyNotFree();

    [Duration("00:00:00.1", "00:00:10"), Description("How long the portal is told to be open for one passage.")]
    public TimeSpan Pulse { get; init; } = TimeSpan.FromSeconds(1);

    [Description("What happens when no record can be written: stay-closed is fail-secure, open is fail-safe.")]
    public PortalWithoutJournal WhenJournalFails { get; init; } = PortalWithoutJournal.StayClosed;
}

internal abstract record SerialPortalSettings : PortalSettings, ISerialDevice
{
    [AbsolutePath, Description("Serial port; names under /dev/serial/by-id stay the same when devices are plugged in again.")]
    public string? Port { get; init; }

    [Description("The USB adapter it hangs on: instead of port, or beside it to make sure.")]
    public UsbSettings? Usb { get; init; }

    [AllowedValues(1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200), Description("Speed of the line, as set in the device.")]
    public int Baud { get; init; } = 9600;
}

[Description("Serial relay board with LCUS-1 frames.")]
internal sealed record LcusPortalSettings : SerialPortalSettings
{
    [Range(1, 8), Description("Which relay of the board.")]
    public int Channel { get; init; } = 1;

    public override string? WhyNotFree() => null;
}

[Description("Controller that takes lines of text.")]
internal sealed record TextPortalSettings : SerialPortalSettings
{
    private const string Template = @"^([^{}]|\{credential\}){1,128}$";
    private const string Words = "1 to 128 characters, with no braces but those of the placeholder {credential}";

    [Pattern(Template, Words), Description("What is sent to open; {credential} becomes what was shown.")]
    public string Open { get; init; } = "OPEN {credential}\n";

    [Pattern(Template, Words), Description("What is sent when the pulse is over; leave it out where the controller closes by itself.")]
    public string? Close { get; init; }

    [Pattern(Template, Words), Description("What is sent to keep the portal open in the mode free; without it that mode cannot be had.")]
    public string? Hold { get; init; }

    [Pattern(Template, Words), Description("What is sent when the mode free ends; leave it out where close does it.")]
    public string? Release { get; init; }

    public override string? WhyNotFree() => Hold is null ? "a portal of text needs a text for it: add hold" : null;
}

[Description("Output of an OSDP reader or panel, which times the pulse itself.")]
internal sealed record OsdpPortalSettings : SerialPortalSettings, IOsdpDevice, IWatchedPortalSettings
{
    [Range(0, 126), Description("The device's address on its line; that of a reader to use the reader's own relay.")]
    public required int Address { get; init; }

    [SecretFile, Description("The device's own key, 32 hexadecimal digits: it is then used over the secure channel only.")]
    public string? KeyFile { get; init; }

    [Range(0, 31), Description("Which of its outputs.")]
    public int Output { get; init; }

    [Description("Input of the contact that tells an open door from a closed one; as usual it is on while the door is shut.")]
    public OsdpInputSettings? DoorContact { get; init; }

    [Description("Input of the sensor that becomes active once for each body that goes through.")]
    public OsdpInputSettings? PassageSensor { get; init; }

    [Description("Input of the button that lets people out without a credential.")]
    public OsdpInputSettings? ExitButton { get; init; }

    [Duration("00:00:01", "00:01:00"), Description("How long a grant waits for somebody to go through.")]
    public TimeSpan PassageWait { get; init; } = TimeSpan.FromSeconds(8);

    [Duration("00:00:05", "00:30:00"), Description("How long the door may stay open before that is an alarm.")]
    public TimeSpan HeldOpenAfter { get; init; } = TimeSpan.FromSeconds(20);

    bool IWatchedPortalSettings.HasDoorContact => DoorContact is not null;
    bool IWatchedPortalSettings.HasPassageSensor => PassageSensor is not null;
    bool IWatchedPortalSettings.IsWatched => Inputs().Any();
    public override string? WhyNotFree() => null;

    /// <summary>The inputs it uses, by their keys.</summary>
    public IEnumerable<(string Key, OsdpInputSettings Input)> Inputs() =>
        new[] { ("doorContact", DoorContact), ("passageSensor", PassageSensor), ("exitButton", ExitButton) }
            .Where(input => input.Item2 is not null).Select(input => (input.Item1, input.Item2!));
}

internal enum OsdpInputLevel
{
    Usual,
    On,
    Off,
}

internal sealed record OsdpInputSettings
{
    [Range(0, 31), Description("Which of the device's inputs.")]
    public required int Input { get; init; }

    [Description("What the device says of it when it is active. As usual: doors off, for then a cut wire is an open door; sensors and buttons on.")]
    public OsdpInputLevel Active { get; init; } = OsdpInputLevel.Usual;
}

/// <summary>A portal that can have sensors.</summary>
internal interface IWatchedPortalSettings
{
    TimeSpan Pulse { get; }
    TimeSpan PassageWait { get; }
    TimeSpan HeldOpenAfter { get; }
    bool HasDoorContact { get; }
    bool HasPassageSensor { get; }

    /// <summary>Anything at all watches it.</summary>
    bool IsWatched { get; }
}

[Description("No device: a guard stands there and lets people through.")]
internal sealed record NoPortalSettings : PortalSettings
{
    public override string? WhyNotFree() => "there is no portal here to be held open";
}

namespace EdgeGate.Devices.Osdp;

/// <summary>What a panel asks or orders. The code on the line.</summary>
public enum OsdpCommandCode : byte
{
    Poll = 0x60,
    Identify = 0x61,
    Capabilities = 0x62,
    LocalStatus = 0x64,
    InputStatus = 0x65,
    OutputStatus = 0x66,
    ReaderStatus = 0x67,
    Output = 0x68,
    Led = 0x69,
    Buzzer = 0x6A,
    Text = 0x6B,
    KeySet = 0x75,
    Challenge = 0x76,
    Cryptogram = 0x77,
}

/// <summary>What a peripheral answers. The code on the line.</summary>
public enum OsdpReplyCode : byte
{
    Ack = 0x40,
    Nak = 0x41,
    Identification = 0x45,
    Capabilities = 0x46,
    LocalStatus = 0x48,
    InputStatus = 0x49,
    OutputStatus = 0x4A,
    ReaderStatus = 0x4B,
    RawCard = 0x50,
    FormattedCard = 0x51,
    Keypad = 0x53,
    ClientCryptogram = 0x76,
    InitialMac = 0x78,
    Busy = 0x79,
}

/// <summary>Why a peripheral refuses a command.</summary>
public enum OsdpNak : byte
{
    CheckWrong = 1,
    LengthWrong = 2,
    CommandUnknown = 3,
    SequenceWrong = 4,
    SecurityBlockUnsupported = 5,
    SecurityConditionsNotMet = 6,
    BiometricTypeUnsupported = 7,
    BiometricFormatUnsupported = 8,
    CannotProcess = 9,
}

/// <summary>The type of a frame's security block (SCS_11 to SCS_18).</summary>
public enum OsdpSecurity : byte
{
    None = 0,
    Challenge = 0x11,
    ClientCryptogram = 0x12,
    ServerCryptogram = 0x13,
    InitialMac = 0x14,
    CommandWithMac = 0x15,
    ReplyWithMac = 0x16,
    EncryptedCommand = 0x17,
    EncryptedReply = 0x18,
}

/// <summary>What a peripheral can do; the function codes of its capability report that matter here.</summary>
public enum OsdpFunction : byte
{
    ContactStatus = 1,
    OutputControl = 2,
    CardFormat = 3,
    Led = 4,
    Buzzer = 5,
    Text = 6,
    TimeKeeping = 7,
    Crc = 8,
    Security = 9,
}

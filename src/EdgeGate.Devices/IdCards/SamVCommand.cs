namespace EdgeGate.Devices.IdCards;

/// <summary>What the host can ask of the module. hardware/sam-v/README.md has the list with the answers.</summary>
public sealed class SamVCommand
{
    public static readonly SamVCommand FindCard = new(0x20, 0x01);
    public static readonly SamVCommand SelectCard = new(0x20, 0x02);
    public static readonly SamVCommand ReadCard = new(0x30, 0x01);
    public static readonly SamVCommand ReadCardWithFingerprints = new(0x30, 0x10);
    public static readonly SamVCommand ReadAdditionalAddress = new(0x30, 0x03);
    public static readonly SamVCommand ReadCardManagementNumber = new(0x30, 0x05);
    public static readonly SamVCommand Reset = new(0x10, 0xFF);
    public static readonly SamVCommand ModuleStatus = new(0x11, 0xFF);
    public static readonly SamVCommand ModuleId = new(0x12, 0xFF);

    private const int SelectDataLength = 8;

    private SamVCommand(byte code, byte parameter, params ReadOnlySpan<byte> data)
    {
        Code = code;
        Parameter = parameter;
        Frame = SamVFrame.Encode([code, parameter, .. data]);
    }

    public byte Code { get; }

    public byte Parameter { get; }

    /// <summary>The whole frame as it goes on the wire.</summary>
    public ReadOnlyMemory<byte> Frame { get; }

    /// <summary>The answer still comes at the old speed.</summary>
    public static SamVCommand SetSpeed(SamVSpeed speed) => new(0x60, (byte)speed);

    /// <summary>How many bytes the module may send to a card in one radio frame.</summary>
    public static SamVCommand SetMaxRadioBytes(byte count) => new(0x61, 0xFF, count);

    /// <summary>
    /// Whether the reply can be the answer to this command. A late answer to the command before must not pass for the
    /// answer to this one, and a reply does not say what it answers: only its status and its length do.
    /// </summary>
    internal bool CanBeAnsweredBy(SamVReply reply) => reply.Status switch
    {
        SamVStatus.CardFound or SamVStatus.NoCard => this == FindCard,
        SamVStatus.SelectFailed => this == SelectCard,
        SamVStatus.Done => this != FindCard && reply.Data.Length switch
        {
            0 or SelectDataLength => this != ReadCard && this != ReadCardWithFingerprints,
            _ => this != SelectCard,
        },
        SamVStatus.ItemEmpty => this != FindCard && this != SelectCard,
        _ => true, // errors: taken for the answer to this command or to the one before, they mean "try again"
    };
}

/// <summary>Line speeds of <see cref="SamVCommand.SetSpeed"/>. 57600 and 19200 are known by their place in the order only.</summary>
public enum SamVSpeed : byte
{
    Baud115200 = 0,
    Baud57600 = 1,
    Baud38400 = 2,
    Baud19200 = 3,
    Baud9600 = 4,
}

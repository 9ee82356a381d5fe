using System.Buffers.Binary;
using System.Text;

namespace EdgeGate.Devices.Osdp;

public enum OsdpColour : byte { Off, Red, Green, Amber, Blue, Magenta, Cyan, White }

/// <summary>What a light does: two colours in turn. Times are up to 25.5 s in steps of 100 ms.</summary>
public sealed record OsdpLight(OsdpColour On, TimeSpan OnFor, OsdpColour Off, TimeSpan OffFor)
{
    public static OsdpLight Steady(OsdpColour colour) => new(colour, TimeSpan.FromMilliseconds(100), OsdpColour.Off, TimeSpan.Zero);

    public static OsdpLight Blinking(OsdpColour colour, TimeSpan half) => new(colour, half, OsdpColour.Off, half);
}

/// <summary>What happens to an output.</summary>
public enum OsdpOutputAction : byte
{
    Off = 1,
    On = 2,

    /// <summary>On for the time given, then back; the peripheral itself ends it.</summary>
    OnForTime = 5,
    OffForTime = 6,
}

/// <summary>One command: its code and its data as the standard lays them out. Readers, lights and outputs count from 0.</summary>
public sealed class OsdpCommand
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private const byte StandardRequest = 0;

    internal OsdpCommand(OsdpCommandCode code, params byte[] data) => (Code, Data) = (code, data);

    public OsdpCommandCode Code { get; }

    public ReadOnlyMemory<byte> Data { get; }

    public static OsdpCommand Poll { get; } = new(OsdpCommandCode.Poll);

    public static OsdpCommand Identify { get; } = new(OsdpCommandCode.Identify, StandardRequest);

    public static OsdpCommand Capabilities { get; } = new(OsdpCommandCode.Capabilities, StandardRequest);

    /// <summary>Asks for tamper and power.</summary>
    public static OsdpCommand LocalStatus { get; } = new(OsdpCommandCode.LocalStatus);

    public static OsdpCommand InputStatus { get; } = new(OsdpCommandCode.InputStatus);

    public static OsdpCommand OutputStatus { get; } = new(OsdpCommandCode.OutputStatus);

    /// <param name="time">Up to 6,553.5 s; zero with <see cref="OsdpOutputAction.On"/> and <see cref="OsdpOutputAction.Off"/>.</param>
    public static OsdpCommand Output(byte output, OsdpOutputAction action, TimeSpan time)
    {
        var data = new byte[4];
        (data[0], data[1]) = (output, (byte)action);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(2), LongSteps(time));
        return new(OsdpCommandCode.Output, data);
    }

    /// <param name="temporary">Shown for <paramref name="temporaryFor"/> (up to 6,553.5 s); null changes nothing.</param>
    /// <param name="permanent">Shown otherwise; null changes nothing.</param>
    public static OsdpCommand Led(byte reader, byte led, OsdpLight? temporary, TimeSpan temporaryFor, OsdpLight? permanent)
    {
        const byte SetTemporary = 2, SetPermanent = 1;
        var data = new byte[14];
        (data[0], data[1]) = (reader, led);
        if (temporary is not null)
        {
            data[2] = SetTemporary;
            Write(temporary, data.AsSpan(3));
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(7), LongSteps(temporaryFor));
        }
        if (permanent is not null)
        {
            data[9] = SetPermanent;
            Write(permanent, data.AsSpan(10));
        }
        return new(OsdpCommandCode.Led, data);
    }

    /// <param name="on">Length of a beep, up to 25.5 s.</param>
    /// <param name="off">Pause between two.</param>
    /// <param name="count">How many; 0 goes on until told otherwise.</param>
    public static OsdpCommand Buzzer(byte reader, TimeSpan on, TimeSpan off, byte count)
    {
        const byte DefaultTone = 2;
        return new(OsdpCommandCode.Buzzer, reader, DefaultTone, Steps(on), Steps(off), count);
    }

    /// <param name="seconds">How long it is shown; 0 until the next text.</param>
    /// <param name="row">From 1.</param>
    /// <param name="column">From 1.</param>
    /// <param name="text">Up to 255 characters; what is not printable ASCII becomes a question mark.</param>
    public static OsdpCommand Text(byte reader, byte seconds, byte row, byte column, string text)
    {
        const byte Permanent = 1, Temporary = 3;
        var shown = Encoding.ASCII.GetBytes(string.Concat(text.Take(byte.MaxValue).Select(c => c is >= ' ' and <= '~' ? c : '?')));
        return new(OsdpCommandCode.Text, [reader, seconds == 0 ? Permanent : Temporary, seconds, row, column, (byte)shown.Length, .. shown]);
    }

    internal static OsdpCommand Challenge(ReadOnlySpan<byte> random) => new(OsdpCommandCode.Challenge, random.ToArray());

    internal static OsdpCommand Cryptogram(ReadOnlySpan<byte> cryptogram) => new(OsdpCommandCode.Cryptogram, cryptogram.ToArray());

    /// <summary>Gives the peripheral its base key; only ever within a secure session.</summary>
    internal static OsdpCommand KeySet(ReadOnlySpan<byte> key)
    {
        const byte BaseKey = 1;
        return new(OsdpCommandCode.KeySet, [BaseKey, (byte)key.Length, .. key]);
    }

    /// <summary>Whether a reply of this kind can answer this command, beside NAK and BUSY.</summary>
    internal bool IsAnsweredBy(OsdpReplyCode reply) => Code switch
    {
        // A poll fetches whatever the peripheral has to say, in codes not listed here too.
        OsdpCommandCode.Poll => reply is not (OsdpReplyCode.ClientCryptogram or OsdpReplyCode.InitialMac or OsdpReplyCode.Identification or OsdpReplyCode.Capabilities),
        OsdpCommandCode.Identify => reply is OsdpReplyCode.Identification,
        OsdpCommandCode.Capabilities => reply is OsdpReplyCode.Capabilities,
        OsdpCommandCode.LocalStatus => reply is OsdpReplyCode.LocalStatus,
        OsdpCommandCode.InputStatus => reply is OsdpReplyCode.InputStatus,
        OsdpCommandCode.OutputStatus => reply is OsdpReplyCode.OutputStatus,
        OsdpCommandCode.ReaderStatus => reply is OsdpReplyCode.ReaderStatus,
        OsdpCommandCode.Output => reply is OsdpReplyCode.Ack or OsdpReplyCode.OutputStatus,
        OsdpCommandCode.Challenge => reply is OsdpReplyCode.ClientCryptogram,
        OsdpCommandCode.Cryptogram => reply is OsdpReplyCode.InitialMac,
        _ => reply is OsdpReplyCode.Ack,
    };

    private static void Write(OsdpLight light, Span<byte> to)
    {
        (to[0], to[1]) = (Steps(light.OnFor), Steps(light.OffFor));
        (to[2], to[3]) = ((byte)light.On, (byte)light.Off);
    }

    private static byte Steps(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, byte.MaxValue * Step);
        return (byte)Math.Round(time / Step);
    }

    private static ushort LongSteps(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, ushort.MaxValue * Step);
        return (ushort)Math.Round(time / Step);
    }
}

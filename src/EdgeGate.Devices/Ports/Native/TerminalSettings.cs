using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Devices.Ports.Native;

/// <summary>
/// The kernel's own <c>struct termios</c> (asm-generic/termbits.h, 36 bytes), read and set by ioctl. Not glibc's: since
/// glibc 2.42 its functions take a speed as a plain number where they took a code before, so the same call means 13 baud
/// on one system and 9600 on the next. The kernel's interface does not change.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TerminalSettings : IEquatable<TerminalSettings>
{
    private const uint Get = 0x5401, Set = 0x5402, Flush = 0x540B, Exclusive = 0x540C;
    private const nint FlushBothWays = 2;
    private const uint EightBits = 0x30, Receive = 0x80, IgnoreModemLines = 0x800, SpeedMask = 0x100F;
    private const uint SecondStopBit = 0x40, Parity = 0x100, HangUpOnClose = 0x400, HardwareFlowControl = 0x80000000;

    /// <summary>The control bits that matter to us; a driver may set others.</summary>
    private const uint ControlMask =
        EightBits | Receive | IgnoreModemLines | SpeedMask | SecondStopBit | Parity | HangUpOnClose | HardwareFlowControl;

    private const int TimeIndex = 5, MinimumIndex = 6;

    private uint _input;
    private uint _output;
    private uint _control;
    private uint _local;
    private byte _discipline;
    private Characters _characters;

    /// <summary>Speeds every Linux serial driver knows, with the kernel's code for each.</summary>
    private static readonly SortedList<int, uint> SpeedCodes = new()
    {
        [1200] = 0x9,
        [2400] = 0xB,
        [4800] = 0xC,
        [9600] = 0xD,
        [19200] = 0xE,
        [38400] = 0xF,
        [57600] = 0x1001,
        [115200] = 0x1002,
        [230400] = 0x1003,
        [460800] = 0x1004,
        [921600] = 0x1007,
    };

    public static IReadOnlyList<int> Speeds => SpeedCodes.Keys.AsReadOnly();

    /// <summary>
    /// 8 data bits, no parity, 1 stop bit, and nothing else: no echo, no flow control, no translation, so that 0D, 11, 13
    /// and FF arrive as they were sent. HUPCL is off: dropping DTR on close would reset some boards.
    /// </summary>
    public static TerminalSettings Raw(int baud)
    {
        var settings = new TerminalSettings { _control = EightBits | Receive | IgnoreModemLines | SpeedCodes[baud] };
        // With a minimum of 1 a read of nothing means "hung up"; with 0 it could also mean "no data yet".
        settings._characters[MinimumIndex] = 1;
        settings._characters[TimeIndex] = 0;
        return settings;
    }

    /// <returns>0, or -1 with the error in errno; ENOTTY when the file is no terminal.</returns>
    public static int Read(SafeFileHandle terminal, out TerminalSettings settings)
    {
        settings = default;
        return Libc.IoCtl(terminal, Get, ref settings);
    }

    public static int Apply(SafeFileHandle terminal, TerminalSettings settings) => Libc.IoCtl(terminal, Set, ref settings);

    /// <summary>Throws away what arrived before and what was not sent yet.</summary>
    public static int DiscardBuffers(SafeFileHandle terminal) => Libc.IoCtl(terminal, Flush, FlushBothWays);

    /// <summary>Further opens by anybody but root fail with EBUSY.</summary>
    public static int ForbidFurtherOpens(SafeFileHandle terminal) => Libc.IoCtl(terminal, Exclusive, 0);

    /// <summary>The speed, or null when it is none of <see cref="Speeds"/>.</summary>
    public readonly int? Baud
    {
        get
        {
            var index = SpeedCodes.IndexOfValue(_control & SpeedMask);
            return index < 0 ? null : SpeedCodes.GetKeyAtIndex(index);
        }
    }

    /// <summary>Whether the line behaves the same; special characters other than VMIN and VTIME do nothing in raw mode.</summary>
    public readonly bool Equals(TerminalSettings other) =>
        (_input, _output, _control & ControlMask, _local) == (other._input, other._output, other._control & ControlMask, other._local)
        && _characters[MinimumIndex] == other._characters[MinimumIndex]
        && _characters[TimeIndex] == other._characters[TimeIndex];

    public override readonly bool Equals(object? obj) => obj is TerminalSettings other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(_input, _output, _control & ControlMask, _local);

    [InlineArray(19)]
    private struct Characters
    {
        private byte _first;
    }
}

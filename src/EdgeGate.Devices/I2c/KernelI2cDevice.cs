using System.Runtime.InteropServices;
using EdgeGate.Devices.Ports.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Devices.I2c;

/// <summary>
/// One address on a bus through the kernel's i2c-dev. Controllers of single-board computers do plain I2C transfers, where the
/// PEC is read and checked here; PC controllers and i2c-stub do SMBus only, where the kernel checks it if it can.
/// </summary>
internal sealed partial class KernelI2cDevice : II2cDevice
{
    private const nuint Retries = 0x0701, TimeOut = 0x0702, Slave = 0x0703, Functions = 0x0705, ReadWrite = 0x0707, UsePec = 0x0708, SmBus = 0x0720;
    private const ulong CanPlain = 0x1, CanPec = 0x8;

    /// <summary>In units of 10 ms. The kernel's own second would stall the loop that reads ten times in it.</summary>
    private const nint TenthOfASecond = 10;

    private readonly SafeFileHandle _file;
    private readonly byte _address;
    private readonly bool _plain;

    private KernelI2cDevice(SafeFileHandle file, string name, byte address, bool plain) =>
        (_file, Name, _address, _plain) = (file, name, address, plain);

    public string Name { get; }

    /// <summary>Takes the descriptor over, if it succeeds; null with the error number set if not.</summary>
    public static KernelI2cDevice? Claim(SafeFileHandle file, string name, byte address)
    {
        Span<byte> functions = stackalloc byte[sizeof(ulong)]; // unsigned long: 4 or 8 bytes
        functions.Clear();
        if (Libc.IoCtl(file, Functions, functions) < 0 || Libc.IoCtl(file, Slave, address) < 0)
            return null;
        // Not every adapter can set these, and none must.
        Libc.IoCtl(file, TimeOut, TenthOfASecond);
        Libc.IoCtl(file, Retries, 0);
        var can = BitConverter.ToUInt64(functions);
        var plain = (can & CanPlain) != 0;
        if (!plain && (can & CanPec) != 0)
            Libc.IoCtl(file, UsePec, 1);
        return new KernelI2cDevice(file, name, address, plain);
    }

    public I2cAnswer Read(byte command, Span<byte> bytes)
    {
        if (_plain)
            return Transfer([command], bytes);
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, SmBusTransfer.LongestBlock)];
            var block = new SmBusTransfer.Data();
            block[0] = (byte)part.Length;
            if (SmBusRequest(SmBusTransfer.Read, command, SmBusTransfer.I2cBlock, ref block) is not I2cAnswer.Done and var failed)
                return failed;
            ((ReadOnlySpan<byte>)block).Slice(1, part.Length).CopyTo(part);
            bytes = bytes[part.Length..];
            command += (byte)part.Length;
        }
        return I2cAnswer.Done;
    }

    public I2cAnswer ReadWord(byte command, out ushort word)
    {
        word = 0;
        if (_plain)
        {
            Span<byte> reply = stackalloc byte[SmBusWord.Length];
            var answer = Transfer([command], reply);
            return answer is not I2cAnswer.Done ? answer
                : SmBusWord.TryDecode(_address, command, reply, out word) ? I2cAnswer.Done
                : I2cAnswer.BadChecksum;
        }
        var data = new SmBusTransfer.Data();
        var done = SmBusRequest(SmBusTransfer.Read, command, SmBusTransfer.Word, ref data);
        word = BitConverter.ToUInt16(data); // in the processor's order
        return done;
    }

    public I2cAnswer Write(byte command, byte value)
    {
        if (_plain)
            return Transfer([command, value], []);
        var data = new SmBusTransfer.Data();
        data[0] = value;
        return SmBusRequest(SmBusTransfer.Write, command, SmBusTransfer.Byte, ref data);
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    private unsafe I2cAnswer Transfer(ReadOnlySpan<byte> written, Span<byte> read)
    {
        const ushort ToRead = 1;
        fixed (byte* write = written)
        fixed (byte* into = read)
        {
            var messages = stackalloc Message[2];
            messages[0] = new(_address, 0, (ushort)written.Length, write);
            messages[1] = new(_address, ToRead, (ushort)read.Length, into);
            var transfer = new Messages(messages, read.IsEmpty ? 1u : 2u);
            return AnswerOf(IoCtl(_file, ReadWrite, ref transfer));
        }
    }

    private unsafe I2cAnswer SmBusRequest(byte direction, byte command, uint size, ref SmBusTransfer.Data data)
    {
        fixed (SmBusTransfer.Data* at = &data)
        {
            var transfer = new SmBusTransfer(direction, command, size, at);
            return AnswerOf(IoCtl(_file, SmBus, ref transfer));
        }
    }

    // Controllers differ in what they say of an address that nobody answers.
    private static I2cAnswer AnswerOf(int result) => result >= 0 ? I2cAnswer.Done : (Errno)Marshal.GetLastPInvokeError() switch
    {
        Errno.NoSuchDeviceOrAddress or Errno.RemoteInputOutput or Errno.NoDevice or Errno.InputOutput or Errno.TimedOut => I2cAnswer.NoAnswer,
        Errno.BadMessage => I2cAnswer.BadChecksum,
        _ => I2cAnswer.BusFault,
    };

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoCtl(SafeFileHandle file, nuint request, ref Messages argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoCtl(SafeFileHandle file, nuint request, ref SmBusTransfer argument);

    /// <summary>struct i2c_msg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly unsafe struct Message(ushort address, ushort flags, ushort length, byte* bytes)
    {
        private readonly ushort _address = address, _flags = flags, _length = length;
        private readonly byte* _bytes = bytes;
    }

    /// <summary>struct i2c_rdwr_ioctl_data.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly unsafe struct Messages(Message* first, uint count)
    {
        private readonly Message* _first = first;
        private readonly uint _count = count;
    }

    /// <summary>struct i2c_smbus_ioctl_data.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly unsafe struct SmBusTransfer(byte direction, byte command, uint size, SmBusTransfer.Data* data)
    {
        public const byte Read = 1, Write = 0;
        public const uint Byte = 2, Word = 3, I2cBlock = 8;
        public const int LongestBlock = 32;

        private readonly byte _direction = direction, _command = command;
        private readonly uint _size = size;
        private readonly Data* _data = data;

        /// <summary>union i2c_smbus_data: a byte, a word, or a length and up to 32 bytes.</summary>
        [System.Runtime.CompilerServices.InlineArray(34)]
        public struct Data
        {
            private byte _first;
        }
    }
}

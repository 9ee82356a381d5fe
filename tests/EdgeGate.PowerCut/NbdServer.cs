using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace EdgeGate.PowerCut;

/// <summary>
/// Serves a <see cref="VolatileDisk"/> by the NBD protocol (github.com/NetworkBlockDevice/nbd, doc/proto.md): fixed newstyle handshake, simple
/// replies, the commands READ, WRITE, FLUSH and DISC. FUA is not offered, so the client flushes instead.
/// </summary>
internal sealed class NbdServer : IDisposable
{
    private const int LargestRequest = 32 * 1024 * 1024;

    private readonly VolatileDisk _disk;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private volatile FlushTrap? _trap;

    public NbdServer(VolatileDisk disk, string socketPath)
    {
        _disk = disk;
        _listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        _listener.Listen(1);
    }

    private enum Command : ushort
    {
        Read = 0,
        Write = 1,
        Disconnect = 2,
        Flush = 3,
    }

    private enum Option : uint
    {
        ExportName = 1,
        Abort = 2,
        Info = 6,
        Go = 7,
    }

    private enum OptionReply : uint
    {
        Ack = 1,
        Info = 3,
        Unsupported = 0x80000001,
    }

    private enum Info : ushort
    {
        Export = 0,
        BlockSize = 3,
    }

    /// <summary>
    /// Serves one client until it is gone or the disk's power is. The disk is left alone from when the task ends: a write that had not come whole did
    /// not happen, and neither did a flush that was under way.
    /// </summary>
    public async Task ServeOneAsync(CancellationToken powerCut)
    {
        try
        {
            using var socket = await _listener.AcceptAsync(powerCut);
            await using var stream = new NetworkStream(socket);
            if (await NegotiateAsync(stream, powerCut))
                await TransmitAsync(stream, powerCut);
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            // The client was killed, or the power cut.
        }
        finally
        {
            _trap = null;
        }
    }

    /// <summary>
    /// Lets <paramref name="count"/> - 1 more flushes pass that have something to flush; the next one never ends, and the task completes when it has
    /// begun. A cut then meets writes that are not flushed; left to chance, few would.
    /// </summary>
    public Task HoldFlush(int count)
    {
        var trap = new FlushTrap(count);
        _trap = trap;
        return trap.Sprung;
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Talks until the client wants the disk; false when it went away instead.</summary>
    private async Task<bool> NegotiateAsync(Stream stream, CancellationToken cancellationToken)
    {
        const ulong optionMagic = 0x49484156454F5054; // "IHAVEOPT"
        const ushort fixedNewstyleNoZeroes = 3;
        await stream.WriteAsync(Message(writer => writer.Text("NBDMAGIC").U64(optionMagic).U16(fixedNewstyleNoZeroes)), cancellationToken);
        await ReadAsync(stream, sizeof(uint), cancellationToken); // the client's flags: it must know what ours mean
        while (true)
        {
            var header = await ReadAsync(stream, 16, cancellationToken);
            if (BinaryPrimitives.ReadUInt64BigEndian(header) != optionMagic)
                throw new InvalidDataException("The NBD client sent something that is no option.");
            var option = (Option)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8));
            await ReadAsync(stream, (int)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(12)), cancellationToken); // an export's name: there is one disk
            switch (option)
            {
                case Option.ExportName:
                    await stream.WriteAsync(Message(Size), cancellationToken);
                    return true;
                case Option.Info or Option.Go:
                    await stream.WriteAsync(Reply(option, OptionReply.Info, reply => Size(reply.U16((ushort)Info.Export))), cancellationToken);
                    await stream.WriteAsync(Reply(option, OptionReply.Info, reply => reply.U16((ushort)Info.BlockSize).U32(VolatileDisk.SectorSize).U32(4096).U32(LargestRequest)), cancellationToken);
                    await stream.WriteAsync(Reply(option, OptionReply.Ack, reply => reply), cancellationToken);
                    if (option == Option.Go)
                        return true;
                    break;
                case Option.Abort:
                    await stream.WriteAsync(Reply(option, OptionReply.Ack, reply => reply), cancellationToken);
                    return false;
                default:
                    await stream.WriteAsync(Reply(option, OptionReply.Unsupported, reply => reply), cancellationToken);
                    break;
            }
        }
    }

    private async Task TransmitAsync(Stream stream, CancellationToken cancellationToken)
    {
        const uint requestMagic = 0x25609513, invalid = 22;
        while (true)
        {
            var request = await ReadAsync(stream, 28, cancellationToken);
            if (BinaryPrimitives.ReadUInt32BigEndian(request) != requestMagic)
                throw new InvalidDataException("The NBD client sent something that is no request.");
            var command = (Command)BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(6));
            var handle = BinaryPrimitives.ReadUInt64BigEndian(request.AsSpan(8));
            var offset = BinaryPrimitives.ReadInt64BigEndian(request.AsSpan(16));
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(request.AsSpan(24));
            switch (command)
            {
                case Command.Read:
                    var content = new byte[length];
                    _disk.Read(offset, content);
                    await stream.WriteAsync(Reply(handle, 0), cancellationToken);
                    await stream.WriteAsync(content, cancellationToken);
                    break;
                case Command.Write:
                    _disk.Write(offset, await ReadAsync(stream, length, cancellationToken));
                    await stream.WriteAsync(Reply(handle, 0), cancellationToken);
                    break;
                case Command.Flush:
                    if (_trap is { } trap && _disk.UnflushedSectors > 0)
                        await trap.PassAsync(cancellationToken);
                    _disk.Flush();
                    await stream.WriteAsync(Reply(handle, 0), cancellationToken);
                    break;
                case Command.Disconnect:
                    return;
                default:
                    await stream.WriteAsync(Reply(handle, invalid), cancellationToken);
                    break;
            }
        }
    }

    /// <summary>How large the disk is and what it can do: flags present, flush.</summary>
    private MessageWriter Size(MessageWriter message) => message.U64((ulong)_disk.Length).U16(0b101);

    private static byte[] Reply(Option option, OptionReply type, Func<MessageWriter, MessageWriter> write)
    {
        var data = Message(write);
        return Message(reply => reply.U64(0x3E889045565A9).U32((uint)option).U32((uint)type).U32((uint)data.Length).Bytes(data));
    }

    private static byte[] Reply(ulong handle, uint error) => Message(reply => reply.U32(0x67446698).U32(error).U64(handle));

    private static byte[] Message(Func<MessageWriter, MessageWriter> write)
    {
        var message = new MessageWriter();
        write(message);
        return message.ToArray();
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private sealed class FlushTrap(int count)
    {
        private readonly TaskCompletionSource _sprung = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task Sprung => _sprung.Task;

        public async Task PassAsync(CancellationToken powerCut)
        {
            if (--_left > 0)
                return;
            _sprung.TrySetResult();
            await new TaskCompletionSource().Task.WaitAsync(powerCut);
        }
    }

    /// <summary>Numbers in network byte order, one after the other.</summary>
    private sealed class MessageWriter
    {
        private readonly List<byte> _bytes = [];

        public MessageWriter U16(ushort value) => Number(value, 2);

        public MessageWriter U32(uint value) => Number(value, 4);

        public MessageWriter U64(ulong value) => Number(value, 8);

        public MessageWriter Text(string ascii) => Bytes(Encoding.ASCII.GetBytes(ascii));

        public MessageWriter Bytes(byte[] bytes)
        {
            _bytes.AddRange(bytes);
            return this;
        }

        public byte[] ToArray() => [.. _bytes];

        private MessageWriter Number(ulong value, int size)
        {
            for (var shift = 8 * (size - 1); shift >= 0; shift -= 8)
                _bytes.Add((byte)(value >> shift));
            return this;
        }
    }
}

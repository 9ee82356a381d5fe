using System.Buffers;
using System.Buffers.Binary;
using EdgeGate.Access;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

/// <summary>The other end of a Modbus line: a slave that knows the registers of its map and no others. Faults can be set at any time.</summary>
public sealed class SimulatedModbusThermometer(IDeviceLine line, ModbusRegisterMap map)
{
    private const int RequestLength = 8;
    private const byte NoSuchRegister = 2;

    public Celsius Ambient { get; set; } = new(25_00);

    /// <summary>The skin of the person before the lens; null when nobody is.</summary>
    public Celsius? Person { get; set; }

    public ushort Status { get; set; }

    /// <summary>Sent before each reply, as a transceiver that turns round does.</summary>
    public byte[] Glitch { get; set; } = [];

    /// <summary>Refuses every request with this code.</summary>
    public byte? Exception { get; set; }

    /// <summary>Swaps the two bytes of every CRC.</summary>
    public bool SwapsCrc { get; set; }

    /// <summary>Answers under another number.</summary>
    public byte? AnswersAs { get; set; }

    /// <summary>Hears and does not answer.</summary>
    public bool Silent { get; set; }

    /// <summary>Answers until cancelled or the line is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var heard = await line.Input.ReadAtLeastAsync(RequestLength, cancellationToken);
            var request = new byte[Math.Min(RequestLength, heard.Buffer.Length)];
            heard.Buffer.Slice(0, request.Length).CopyTo(request);
            line.Input.AdvanceTo(heard.Buffer.GetPosition(request.Length));
            if (request.Length < RequestLength)
                return;
            if (ReplyTo(request) is { } reply)
                await line.WriteAsync(reply, cancellationToken);
        }
    }

    private byte[]? ReplyTo(ReadOnlySpan<byte> request)
    {
        if (Silent || !ModbusCrc.Fits(request) || request[0] != map.Slave)
            return null;
        var register = BinaryPrimitives.ReadUInt16BigEndian(request[2..]);
        ushort? value = register == map.Surface ? Count(Person ?? Ambient)
            : register == map.Ambient ? Count(Ambient)
            : register == map.Status ? Status
            : null;
        var slave = AnswersAs ?? map.Slave;
        var reply = Exception is { } code ? new ModbusReply(slave, [], code)
            : value is { } known ? new ModbusReply(slave, [known])
            : new ModbusReply(slave, [], NoSuchRegister);
        var frame = reply.Encode((ModbusFunction)request[1]);
        if (SwapsCrc)
            (frame[^1], frame[^2]) = (frame[^2], frame[^1]);
        return [.. Glitch, .. frame];
    }

    private ushort Count(Celsius temperature) => (ushort)(short)decimal.Round(temperature.Degrees / map.Scale);
}

using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Thermometers;

/// <summary>The boards that speak only when they are asked, against their simulated peers.</summary>
public class AskedThermometerTests
{
    private static readonly ModbusRegisterMap Map = new() { Surface = 7, Ambient = 3, Status = 1 };

    /// <summary>Long in the tests' time, which runs on while a busy machine lets the peer wait for its turn.</summary>
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(2), SilentAfter = TimeSpan.FromSeconds(5);

    private readonly ManualTime _time = new();
    private readonly LoopbackLine _host;
    private readonly SimulatedGy614 _gy614;
    private readonly SimulatedModbusThermometer _modbus;

    public AskedThermometerTests()
    {
        (_host, var device) = LoopbackLine.CreatePair();
        _gy614 = new SimulatedGy614(device, _time);
        _modbus = new SimulatedModbusThermometer(device, Map);
    }

    [Fact]
    public async Task A_GY_614_answers_with_skin_and_surroundings()
    {
        _gy614.Ambient = new Celsius(-3_50);
        _gy614.Person = new Celsius(33_10);
        await using var loop = Gy614();
        Assert.Equal(new TemperatureReading(new Celsius(33_10), new Celsius(-3_50)), await loop.NextAsync());
    }

    [Fact]
    public async Task A_GY_614_with_wrong_sums_is_asked_again()
    {
        _gy614.WrongSums = 2;
        await using var loop = Gy614();
        await loop.NextAsync();
        Assert.Empty(loop.Troubles);
    }

    [Fact]
    public async Task A_GY_614_that_is_silent_is_reported_until_it_answers()
    {
        await using var loop = Gy614();
        await loop.NextAsync();
        _gy614.Silent = true;
        await loop.UntilAsync(() => loop.Trouble is { State: DeviceState.Silent });
        _gy614.Silent = false;
        await loop.NextAsync();
        Assert.Null(loop.Trouble);
    }

    [Fact]
    public async Task A_Modbus_thermometer_is_read_by_its_map()
    {
        _modbus.Person = new Celsius(36_50);
        _modbus.Ambient = new Celsius(-4_00);
        await using var loop = Modbus();
        Assert.Equal(new TemperatureReading(new Celsius(36_50), new Celsius(-4_00)), await loop.NextAsync());
    }

    [Fact]
    public async Task The_byte_of_a_transceiver_that_turns_round_does_not_cost_the_reply()
    {
        _modbus.Glitch = [0x00, 0xFF];
        await using var loop = Modbus();
        await loop.NextAsync();
        Assert.Empty(loop.Troubles);
    }

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x10)]
    public async Task A_status_that_says_it_cannot_measure_is_a_fault_and_no_reading(ushort status)
    {
        _modbus.Status = status;
        await using var loop = Modbus();
        await loop.UntilAsync(() => loop.Trouble is { State: DeviceState.Faulty });
        Assert.Null(loop.Last);
        Assert.Contains("status", loop.Trouble!.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "function 03")]
    [InlineData(2, "no register 1")]
    [InlineData(6, "exception 6")]
    public async Task An_exception_says_what_is_wrong_with_the_map(byte code, string words)
    {
        _modbus.Exception = code;
        await using var loop = Modbus();
        await loop.UntilAsync(() => loop.Trouble is { State: DeviceState.Faulty });
        Assert.Contains(words, loop.Trouble!.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_reply_of_another_slave_is_nobodys_temperature()
    {
        _modbus.AnswersAs = 9;
        await using var loop = Modbus(out var thermometer);
        await loop.UntilAsync(() => loop.Trouble is { State: DeviceState.Silent });
        Assert.Null(loop.Last);
        Assert.True(thermometer.Faults[FrameFault.WrongSlave] > 0);
    }

    [Fact]
    public async Task Swapped_CRC_bytes_are_a_wrong_checksum()
    {
        _modbus.SwapsCrc = true;
        await using var loop = Modbus(out var thermometer);
        await loop.UntilAsync(() => loop.Trouble is not null);
        Assert.True(thermometer.Faults[FrameFault.BadChecksum] > 0);
    }

    [Theory]
    [InlineData("0104 02 016D", FrameFault.BadValue)] // sound, another function
    [InlineData("0103 04 016D 016D", FrameFault.BadLength)]
    [InlineData("0903 02 016D", FrameFault.WrongSlave)]
    public void What_a_sound_frame_is_not_is_said_when_the_silence_falls(string body, FrameFault fault)
    {
        var bytes = Convert.FromHexString(body.Replace(" ", "", StringComparison.Ordinal));
        var crc = ModbusCrc.Of(bytes);
        var held = new System.Buffers.ReadOnlySequence<byte>([.. bytes, (byte)crc, (byte)(crc >> 8)]);
        var parser = new ModbusFrame(new ModbusRequest(1, ModbusFunction.ReadHoldingRegisters, 0, 1)).Parser;
        Assert.Equal(DecodeStatus.NeedMore, parser.Next(ref held).Status);
        Assert.Equal(fault, parser.Expire(ref held).Fault);
        Assert.True(held.IsEmpty);
    }

    [Fact]
    public void The_published_check_of_another_maker_holds()
    {
        Assert.Equal(Convert.FromHexString("4003100600016FDA"), new ModbusRequest(0x40, ModbusFunction.ReadHoldingRegisters, 0x1006, 1).Encode());
        Assert.Equal(Convert.FromHexString("40030208B143FF"), new ModbusReply(0x40, [0x08B1]).Encode(ModbusFunction.ReadHoldingRegisters));
    }

    private ReadingLoop Gy614() => new(new Gy614(_host, new Gy614Options { ReplyTimeout = ReplyTimeout, SilentAfter = SilentAfter }, _time), _time, _gy614.RunAsync);

    private ReadingLoop Modbus() => Modbus(out _);

    private ReadingLoop Modbus(out ModbusThermometer thermometer)
    {
        thermometer = new ModbusThermometer(_host, new ModbusThermometerOptions { Map = Map, ReplyTimeout = ReplyTimeout, SilentAfter = SilentAfter }, _time);
        return new ReadingLoop(thermometer, _time, _modbus.RunAsync);
    }
}

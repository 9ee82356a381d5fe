using System.Runtime.InteropServices;
using System.Text;

namespace EdgeGate.Devices.Gpio;

/// <summary>
/// The structures of the kernel's GPIO character device, version 2 (linux/gpio.h, kernel 5.10 and later), as bytes in the
/// processor's order. Sizes and offsets are the same on x64, arm64 and armhf.
/// </summary>
internal static class GpioStructs
{
    public const nuint GetChipInfo = 0x8044B401, GetLineInfo = 0xC100B405, GetLine = 0xC250B407, GetValues = 0xC010B40E, SetValues = 0xC010B40F;

    public const int ChipInfoSize = 68, LineInfoSize = 256, RequestSize = 592, ValuesSize = 16, EventSize = 48, MostLines = 64;

    private const int NameLength = 32;
    private const int Config = 288, LineCount = 560, EventRoom = 564, Descriptor = 588; // in a request
    private const int AttributeCount = Config + 8, Attributes = Config + 32, AttributeSize = 24, MostAttributes = 10;

    /// <summary>How many events the kernel keeps for whoever reads them late; its own figure, 16 for a line, is less than one Wiegand card.</summary>
    private const uint EventsKept = 512;

    private const uint FlagsAttribute = 1, OutputsAttribute = 2, DebounceAttribute = 3;

    [Flags]
    public enum LineFlags : ulong
    {
        None = 0,
        ActiveLow = 0x2,
        Input = 0x4,
        Output = 0x8,
        RisingEdge = 0x10,
        FallingEdge = 0x20,
        PullUp = 0x100,
        PullDown = 0x200,
        BiasOff = 0x400,
    }

    /// <summary>struct gpiochip_info.</summary>
    public static (string Label, int Lines) ReadChipInfo(ReadOnlySpan<byte> info) =>
        (Text(info.Slice(NameLength, NameLength)), (int)MemoryMarshal.Read<uint>(info[64..]));

    /// <summary>struct gpio_v2_line_info, with the number of the line that is asked about.</summary>
    public static void WriteLineInfo(Span<byte> info, int offset)
    {
        info.Clear();
        MemoryMarshal.Write(info[64..], (uint)offset);
    }

    /// <returns>The line's name and who uses it, both empty where there is none.</returns>
    public static (string Name, string Consumer) ReadLineInfo(ReadOnlySpan<byte> info) =>
        (Text(info[..NameLength]), Text(info.Slice(NameLength, NameLength)));

    /// <summary>struct gpio_v2_line_request.</summary>
    /// <param name="lines">Number on the chip, and what it is to be.</param>
    /// <returns>False when the lines differ in more ways than one request can say.</returns>
    public static bool TryWriteRequest(Span<byte> request, string consumer, IReadOnlyList<(int Offset, GpioLineRequest Line)> lines)
    {
        request.Clear();
        for (var i = 0; i < lines.Count; i++)
            MemoryMarshal.Write(request[(i * sizeof(uint))..], (uint)lines[i].Offset);
        Encoding.UTF8.GetBytes(consumer).AsSpan(..Math.Min(consumer.Length, NameLength - 1)).CopyTo(request[256..]);
        MemoryMarshal.Write(request[LineCount..], (uint)lines.Count);
        MemoryMarshal.Write(request[EventRoom..], EventsKept);

        var used = 0;
        foreach (var same in lines.Index().GroupBy(line => FlagsOf(line.Item.Line)))
        {
            if (!TryAddAttribute(request, ref used, FlagsAttribute, (ulong)same.Key, MaskOf(same.Select(line => line.Index))))
                return false;
        }
        foreach (var same in lines.Index().Where(line => line.Item.Line.Debounce > TimeSpan.Zero).GroupBy(line => line.Item.Line.Debounce))
        {
            if (!TryAddAttribute(request, ref used, DebounceAttribute, (uint)same.Key.TotalMicroseconds, MaskOf(same.Select(line => line.Index))))
                return false;
        }
        var outputs = MaskOf(lines.Index().Where(line => line.Item.Line.IsOutput).Select(line => line.Index));
        var active = MaskOf(lines.Index().Where(line => line.Item.Line is { IsOutput: true, IsActiveAtFirst: true }).Select(line => line.Index));
        return outputs == 0 || TryAddAttribute(request, ref used, OutputsAttribute, active, outputs);
    }

    public static int ReadDescriptor(ReadOnlySpan<byte> request) => MemoryMarshal.Read<int>(request[Descriptor..]);

    /// <summary>struct gpio_v2_line_values.</summary>
    public static void WriteValues(Span<byte> values, ulong bits, ulong mask)
    {
        MemoryMarshal.Write(values, bits);
        MemoryMarshal.Write(values[sizeof(ulong)..], mask);
    }

    public static ulong ReadBits(ReadOnlySpan<byte> values) => MemoryMarshal.Read<ulong>(values);

    /// <summary>struct gpio_v2_line_event. Rising means becoming active, whatever the level.</summary>
    public static (TimeSpan At, bool Rising, int Offset, uint LineSequence) ReadEvent(ReadOnlySpan<byte> happened) => (
        TimeSpan.FromTicks((long)(MemoryMarshal.Read<ulong>(happened) / TimeSpan.NanosecondsPerTick)),
        MemoryMarshal.Read<uint>(happened[8..]) == 1,
        (int)MemoryMarshal.Read<uint>(happened[12..]),
        MemoryMarshal.Read<uint>(happened[20..]));

    private static LineFlags FlagsOf(GpioLineRequest line) =>
        (line.IsOutput ? LineFlags.Output : LineFlags.Input | LineFlags.RisingEdge | (line.IsEdgeOnlyWhenActive ? LineFlags.None : LineFlags.FallingEdge))
        | (line.IsActiveLow ? LineFlags.ActiveLow : LineFlags.None)
        | line.Bias switch
        {
            GpioBias.PullUp => LineFlags.PullUp,
            GpioBias.PullDown => LineFlags.PullDown,
            GpioBias.Off => LineFlags.BiasOff,
            _ => LineFlags.None,
        };

    private static ulong MaskOf(IEnumerable<int> lines) => lines.Aggregate(0UL, (mask, line) => mask | 1UL << line);

    private static bool TryAddAttribute(Span<byte> request, ref int used, uint id, ulong value, ulong mask)
    {
        if (used == MostAttributes)
            return false;
        var attribute = request.Slice(Attributes + used++ * AttributeSize, AttributeSize);
        MemoryMarshal.Write(attribute, id);
        MemoryMarshal.Write(attribute[8..], value);
        MemoryMarshal.Write(attribute[16..], mask);
        MemoryMarshal.Write(request[AttributeCount..], (uint)used);
        return true;
    }

    private static string Text(ReadOnlySpan<byte> zeroEnded) =>
        Encoding.UTF8.GetString(zeroEnded.IndexOf((byte)0) is >= 0 and var end ? zeroEnded[..end] : zeroEnded);
}

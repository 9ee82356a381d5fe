using System.ComponentModel;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Service.Settings;

[Description("Card reader with Wiegand wires on two GPIO lines. Its 5 V need a level shifter.")]
internal sealed record WiegandReaderSettings : ReaderSettings
{
    [Pattern(GpioNames.Expression, GpioNames.Words), Description("Label of the GPIO chip, as gpiodetect shows it in brackets: pinctrl-bcm2711 on a Raspberry Pi 4, pinctrl-rp1 on a 5.")]
    public required string Chip { get; init; }

    [Pattern(GpioNames.Expression, GpioNames.Words), Description("Line of the wire D0 (green): its name, such as GPIO5, or its number on the chip.")]
    public required string Data0 { get; init; }

    [Pattern(GpioNames.Expression, GpioNames.Words), Description("Line of the wire D1 (white).")]
    public required string Data1 { get; init; }

    [Description("Which cards are taken: h10301 has 26 bits, h10306 has 34, any takes both. Name it where all cards are alike: then a code cut short never passes for another.")]
    public WiegandFormat Format { get; init; } = WiegandFormat.Any;

    [Description("In which order the reader sends a card's number: highest-first as the formats say, lowest-byte-first or lowest-bit-first for readers that turn it round. edgegate devices watch shows a card all three ways: the right one is printed on the card.")]
    public WiegandOrder Order { get; init; } = WiegandOrder.HighestFirst;

    [Description("At which level a pulse is: low as readers send it, high behind an inverting opto-coupler.")]
    public GpioLevel Pulse { get; init; } = GpioLevel.Low;

    [Description("Resistor inside the chip.")]
    public GpioBias Bias { get; init; } = GpioBias.PullUp;

    /// <summary>The lines it uses, by their keys.</summary>
    public IEnumerable<(string Key, string Line)> Lines() => [("data0", Data0), ("data1", Data1)];

    public WiegandOptions ToOptions() => new() { Data0 = Data0, Data1 = Data1, IsActiveLow = Pulse is GpioLevel.Low, Bias = Bias, Format = Format, Order = Order };
}

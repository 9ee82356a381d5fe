using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Service.Readers;

/// <summary>What a card of 26 or 34 bits is called in records, lists and rules, whichever kind of reader read it: as it is printed on the card.</summary>
internal static class CardCode
{
    /// <summary>26 bits as facility and card, 34 as one number of ten digits.</summary>
    public static Credential.Code Of(WiegandCard card) => new(card.Bits == 26 ? $"{card.Facility:D3},{card.Card:D5}" : $"{card.Number:D10}");

    public static Credential.Unreadable Unreadable(FrameFault fault) => new(fault switch
    {
        FrameFault.BadParity => "card-parity-wrong",
        FrameFault.Lost or FrameFault.Timeout => "card-edges-lost",
        _ => "card-format-unknown",
    });
}

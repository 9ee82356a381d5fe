namespace EdgeGate.Devices.Ports.Identity;

/// <summary>A USB device as it describes itself, and where it is plugged in. Anybody's words, made printable.</summary>
/// <param name="Vendor">Four hexadecimal digits; so the product.</param>
/// <param name="SerialNumber">Null for the many adapters that have none, and so cannot be told from others of their model.</param>
/// <param name="Place">
/// Host controller, the ports on the way from it, and the interface, such as <c>0000:01:00.0/1.2:1.0</c>. The same after each start and for
/// whatever is plugged in there; bus numbers, which change, are not in it.
/// </param>
public sealed record UsbDevice(string Vendor, string Product, string? SerialNumber, string Place, string? Maker = null, string? Model = null)
{
    /// <summary>As far as anybody can tell; where it is plugged in does not matter.</summary>
    public bool IsSameAs(UsbDevice other) => (Vendor, Product, SerialNumber) == (other.Vendor, other.Product, other.SerialNumber);

    public override string ToString() =>
        $"{string.Join(' ', new[] { Maker, Model, "USB" }.OfType<string>())} {Vendor}:{Product}, {(SerialNumber is null ? "no serial number" : $"serial number {SerialNumber}")}";
}

/// <summary>Which USB device is meant, by as much as an installer has said of it.</summary>
public sealed record UsbSelector(string? Vendor = null, string? Product = null, string? SerialNumber = null, string? Place = null)
{
    public bool Matches(UsbDevice device) =>
        IsAt(device) && (Vendor ?? device.Vendor, Product ?? device.Product, SerialNumber ?? device.SerialNumber) == (device.Vendor, device.Product, device.SerialNumber);

    /// <summary>The place alone: with its interface, or without where the device has only one that matters.</summary>
    public bool IsAt(UsbDevice device) =>
        Place is null || device.Place == Place || device.Place.StartsWith(Place + ":", StringComparison.Ordinal);

    /// <summary>Whether one device could be meant by both.</summary>
    public bool Overlaps(UsbSelector other)
    {
        return MayAgree(Vendor, other.Vendor) && MayAgree(Product, other.Product) && MayAgree(SerialNumber, other.SerialNumber) && MayAgree(Place, other.Place);

        static bool MayAgree(string? one, string? another) => one is null || another is null || one == another;
    }

    public override string ToString() => string.Join(
        ", ",
        new[]
        {
            Vendor is null && Product is null ? "USB device" : $"USB {Vendor ?? "any"}:{Product ?? "any"}",
            SerialNumber is null ? null : $"serial number {SerialNumber}",
            Place is null ? null : $"at {Place}",
        }.OfType<string>());
}

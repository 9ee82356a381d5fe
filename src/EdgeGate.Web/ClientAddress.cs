using System.Net;
using System.Net.Sockets;

namespace EdgeGate.Web;

/// <summary>Whose tries count together.</summary>
public static class ClientAddress
{
    /// <summary>One household's IPv6 network is one address: its devices make up as many of their own as they like.</summary>
    public static string NameOf(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4().ToString();
        return address.AddressFamily is AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;

namespace EdgeGate.Web;

/// <summary>
/// Which names in a request's Host header mean this program. A foreign page can point a name of its own at its address and would then
/// count as the same site (DNS rebinding); an address, or a name that only this network gives, it cannot.
/// </summary>
/// <param name="names">What the settings say this machine is called, beside its own name.</param>
public sealed class HostCheck(IReadOnlyList<string> names)
{
    private readonly HashSet<string> _names = new(
        ["localhost", Environment.MachineName, Environment.MachineName + ".local", .. names], StringComparer.OrdinalIgnoreCase);

    public bool IsOurs(HostString host) => _names.Contains(host.Host) || IPAddress.TryParse(host.Host.Trim('[', ']'), out _);

    /// <summary>Whether a page of this very site sent the request, or no page at all.</summary>
    public static bool IsSameSite(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"))
            return false;
        return request.Headers.Origin.ToString() is var origin && (origin.Length == 0 || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EdgeGate.Devices.Ports;

/// <summary>
/// Loopback ports for simulated peers and their like. Below those that the kernel gives to outgoing connections: a server that is not up yet, or is
/// killed and started again, would now and then find its port taken by somebody's connection, even by one of those who are just looking for it.
/// </summary>
public static class FreeTcpPort
{
    private const int First = 10_000;
    private const int FirstOutgoingUsually = 32_768;

    /// <returns>A port on which nobody listens on 127.0.0.1 now.</returns>
    public static int Take()
    {
        var afterLast = FirstOutgoing();
        while (true)
        {
            var port = Random.Shared.Next(First, afterLast);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken: another
            }
        }
    }

    private static int FirstOutgoing()
    {
        const string Source = "/proc/sys/net/ipv4/ip_local_port_range"; // "32768	60999"
        var first = File.Exists(Source) ? int.Parse(File.ReadAllText(Source).Split('\t')[0], CultureInfo.InvariantCulture) : FirstOutgoingUsually;
        return first > 2 * First ? first : FirstOutgoingUsually; // one that leaves too few below it is not kept to
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Tests.Ports;

public class FreeTcpPortTests
{
    [Fact]
    public void It_is_none_that_a_connection_of_somebody_could_be_given_while_its_server_is_away()
    {
        var firstOutgoing = int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t')[0], CultureInfo.InvariantCulture);
        for (var i = 0; i < 100; i++)
            Assert.InRange(FreeTcpPort.Take(), 1024, firstOutgoing - 1);
    }

    [Fact]
    public void Somebody_can_listen_there()
    {
        using var server = new TcpListener(IPAddress.Loopback, FreeTcpPort.Take());
        server.Start();
    }
}

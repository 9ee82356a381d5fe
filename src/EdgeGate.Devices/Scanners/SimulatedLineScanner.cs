using System.Text;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Scanners;

/// <summary>The other end of a scanner's line: sends a code as a scanner would when somebody holds one before it.</summary>
public sealed class SimulatedLineScanner(IDeviceLine line, TimeProvider time)
{
    /// <summary>Before each code.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>After each code: CR, LF, CR LF or nothing.</summary>
    public string Suffix { get; set; } = "\r\n";

    public Encoding Encoding { get; set; } = Encoding.UTF8;

    /// <summary>Line speed, at 10 bits a byte; 0 for none.</summary>
    public int BitsPerSecond { get; set; } = 9600;

    /// <summary>How many bytes go out at once: 1 cuts every character and every CR LF in two.</summary>
    public int ChunkLength { get; set; } = 64;

    public ValueTask ScanAsync(string code, CancellationToken cancellationToken = default) =>
        SendAsync(Encoding.GetBytes(Prefix + code + Suffix), cancellationToken);

    /// <summary>Any bytes, such as line noise or half a code.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        for (var sent = 0; sent < bytes.Length; sent += ChunkLength)
        {
            var chunk = bytes.Slice(sent, Math.Min(ChunkLength, bytes.Length - sent));
            if (BitsPerSecond > 0)
                await Task.Delay(TimeSpan.FromSeconds(chunk.Length * 10.0 / BitsPerSecond), time, cancellationToken);
            await line.WriteAsync(chunk, cancellationToken);
        }
    }
}

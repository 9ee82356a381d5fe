using EdgeGate.HealthCodes.Compression;
using EdgeGate.HealthCodes.Hcert;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.SmartHealthCards;
using Xunit.Abstractions;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests;

/// <summary>
/// Genuine codes altered at random, as text and inside their packing: no crash, nothing accepted but what was signed. HEALTHCODE_FUZZ says how many
/// (2,000 when unset, a million in the soak), HEALTHCODE_SEED repeats a run.
/// </summary>
public class FuzzTests(ITestOutputHelper output)
{
    private const string HcertCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    private const int MaxBytesPerCode = 1024 * 1024;

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("HEALTHCODE_FUZZ"), out var count) ? count : 2_000;

    [Fact]
    public void Altered_codes_are_never_accepted_and_never_cost_much()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HEALTHCODE_SEED"), out var given) ? given : Environment.TickCount;
        var random = new Random(seed);
        using var passKey = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var pass = PassText.Sign(new EdgeGatePass { Id = "visit-1", NotBefore = Issued, ExpiresAt = Expires }, passKey);
        var gate = Gate(new HealthCodeOptions { PassKeys = [PassKey.From(Jose.JsonWebKey.From(passKey))] });
        var cose = Issuer.Cose(Issuer.ProtectedHeader(), SignedClaims());
        var jws = Issuer.CardJws(HealthCodeIssuer.Deflated(Payload));
        (string Name, string Genuine, Func<string> Alter)[] sources =
        [
            ("HC1 text", Hc1, () => "HC1:" + AlterText(random, Hc1[4..], HcertCharacters)),
            ("HC1 text, any characters", Hc1, () => AlterText(random, Hc1, HcertCharacters + "a\u00e9\0\n测")),
            ("HC1 packed object", HealthCodeIssuer.Hc1Text(cose), () => HealthCodeIssuer.Hc1Text(AlterBytes(random, cose))),
            ("HC1 RSA text", RsaHc1, () => "HC1:" + AlterText(random, RsaHc1[4..], HcertCharacters)),
            ("SHC digits", Card, () => "shc:/" + AlterText(random, Card[5..], "0123456789")),
            ("SHC object", "shc:/" + CardText.Encode(jws), () => "shc:/" + CardText.Encode(AlterText(random, jws, "ABCabc019-_."))),
            ("pass", pass, () => AlterText(random, pass, "ABCabc019-_.~")),
        ];
        var costs = sources.ToDictionary(source => source.Name, _ => new Cost());
        for (var i = 0; i < Count; i++)
        {
            var (name, genuine, alter) = sources[i % sources.Length];
            var text = alter();
            var result = costs[name].Measure(() => gate.Verify(text, Moment));
            if (result.Status == HealthCodeStatus.Valid)
                Assert.True(result.Reference == gate.Verify(genuine, Moment).Reference, $"an altered code was accepted (seed {seed}, number {i}, {name}): {text}");
            Assert.NotEmpty(result.Steps);
        }
        output.WriteLine($"{Count} altered codes, seed {seed}");
        foreach (var (name, cost) in costs)
            output.WriteLine($"{name,-26} {cost}");
        Assert.All(costs.Values, cost => Assert.InRange(cost.MostBytes, 0, MaxBytesPerCode));
    }

    private static byte[] SignedClaims()
    {
        Assert.True(Base45.TryDecode(Hc1.AsSpan(4..), out var packed));
        Zlib.TryDecode(packed, HcertVerifier.MaxInflated, out var inflated);
        Assert.True(CoseSign1.TryParse(inflated, out var cose));
        return cose.Payload.ToArray();
    }

    private static string AlterText(Random random, string text, string characters)
    {
        var altered = text.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && altered.Count > 0; changes--)
        {
            var at = random.Next(altered.Count);
            switch (random.Next(5))
            {
                case 0:
                    altered.Insert(at, characters[random.Next(characters.Length)]);
                    break;
                case 1:
                    altered.RemoveAt(at);
                    break;
                case 2:
                    altered.RemoveRange(at, random.Next(altered.Count - at));
                    break;
                case 3:
                    altered.InsertRange(at, [.. altered.Skip(random.Next(altered.Count)).Take(random.Next(40))]);
                    break;
                default:
                    altered[at] = characters[random.Next(characters.Length)];
                    break;
            }
        }
        return new string([.. altered]);
    }

    private static byte[] AlterBytes(Random random, byte[] bytes)
    {
        var altered = bytes.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && altered.Count > 0; changes--)
        {
            var at = random.Next(altered.Count);
            switch (random.Next(4))
            {
                case 0:
                    altered.Insert(at, (byte)random.Next(256));
                    break;
                case 1:
                    altered.RemoveAt(at);
                    break;
                case 2:
                    altered[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    altered[at] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. altered];
    }

    /// <summary>Time is printed and not asserted: other work on the machine is in it.</summary>
    private sealed class Cost
    {
        private readonly List<double> _microseconds = [];

        public long MostBytes { get; private set; }

        public HealthCodeResult Measure(Func<HealthCodeResult> verify)
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var begun = TimeProvider.System.GetTimestamp();
            var result = verify();
            var took = TimeProvider.System.GetElapsedTime(begun);
            MostBytes = Math.Max(MostBytes, GC.GetAllocatedBytesForCurrentThread() - bytes); // before the list below grows
            _microseconds.Add(took.TotalMicroseconds);
            return result;
        }

        public override string ToString()
        {
            _microseconds.Sort();
            return $"median {At(0.5):F0} µs, p99 {At(0.99):F0} µs, slowest {At(1):F0} µs, most memory {MostBytes / 1024.0:F1} KiB";
        }

        private double At(double quantile) => _microseconds.Count == 0 ? 0 : _microseconds[(int)(quantile * (_microseconds.Count - 1))];
    }
}

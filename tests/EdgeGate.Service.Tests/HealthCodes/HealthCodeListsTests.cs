using System.Security.Cryptography;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.HealthCodes;

public sealed class HealthCodeListsTests : IDisposable
{
    private static readonly DateTime Written = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly ECDsa _operator = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _operator.Dispose();
        _directory.Dispose();
    }

    /// <summary>A changed mode, for one, leaves the time of the file where it was.</summary>
    [Fact]
    public void A_list_that_could_not_be_used_is_tried_again_and_complained_of_once()
    {
        var time = new ManualTime();
        var log = new ListLogger<HealthCodeLists>();
        var file = _directory["trust.jws"];
        using var lists = new HealthCodeLists(file, rulesFile: null, [JsonWebKey.From(_operator)], verifies: false, time, log);
        Put(file, "not signed");
        lists.Read();
        lists.Read();
        Assert.Single(lists.Faults);
        Assert.Single(log.Lines);

        Put(file, TrustListSignature.Sign(new TrustListDocument { Version = 1, IssuedAt = time.GetUtcNow(), ExpiresAt = time.GetUtcNow().AddDays(1) }, _operator));
        lists.Read();
        Assert.Empty(lists.Faults);
        Assert.Equal(1, lists.Trust.Current?.Version);
    }

    private static void Put(string file, string content)
    {
        File.WriteAllText(file, content);
        File.SetLastWriteTimeUtc(file, Written);
    }
}

using System.Security.Cryptography;
using EdgeGate.Service.Keys;

namespace EdgeGate.Service.Tests.Keys;

internal static class FreshSignature
{
    public static GateSignature Make()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new GateSignature(pair.ExportPkcs8PrivateKeyPem());
    }
}

using System.Security.Cryptography;

namespace EdgeGate.Service.GuardPost;

/// <summary>
/// zxing-wasm 3.1.4 (MIT), which reads codes for browsers that cannot do it themselves. It is no part of the program: an installer puts it into the data directory
/// (hardware/deploy/camera-module.sh). Only these very bytes are ever given to a phone, whatever lies there.
/// </summary>
/// <param name="directory">Need not exist: then phones are told so in words.</param>
internal sealed class CameraModule(string directory)
{
    /// <summary>Below the directory and below <c>/guard/camera</c> alike, with SHA-256 of the content.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>
    {
        ["share.js"] = "08868fb770b0a4e4b9eb3d717015cd5fbf3ceb06492d4cb2d2dd2739db11890f",
        ["reader/index.js"] = "d90c69a827aff3b7c8c8ca310efebe91671ef076f7a0ec83722bfc542814f484",
        ["reader/zxing_reader.wasm"] = "e8af31edb56d0522f4de74495839385ef019ba8bc90d38e5ecb2f18795d86fb2",
    };

    public bool IsInstalled => Files.Keys.All(file => File.Exists(Path.Combine(directory, file)));

    /// <returns>Null when the file is missing, or is another one.</returns>
    public byte[]? Read(string file)
    {
        try
        {
            var content = File.ReadAllBytes(Path.Combine(directory, file));
            return Convert.ToHexStringLower(SHA256.HashData(content)) == Files[file] ? content : null;
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

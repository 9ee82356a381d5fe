namespace EdgeGate.SystemTests.Soak;

/// <summary>What a dying flash card or a careless hand does to one file of a journal that is not running.</summary>
internal static class StoreDamage
{
    /// <returns>What was done, for the report.</returns>
    public static string Do(string directory, Random random)
    {
        var files = Directory.GetFiles(directory).Where(file => Path.GetFileName(file) is not ("lock" or "reserve")).Order(StringComparer.Ordinal).ToArray();
        var file = files[random.Next(files.Length)];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        if (stream.Length == 0)
            return "nothing to damage";
        switch (random.Next(4))
        {
            case 0:
                stream.SetLength(random.NextInt64(stream.Length));
                return $"{Path.GetFileName(file)} cut off";
            case 1:
                stream.Position = random.NextInt64(stream.Length);
                var garbage = new byte[Math.Min(2048, stream.Length - stream.Position)];
                random.NextBytes(garbage);
                stream.Write(garbage);
                return $"{Path.GetFileName(file)} overwritten in part";
            default:
                for (var flips = random.Next(1, 9); flips > 0; flips--)
                {
                    var at = random.NextInt64(stream.Length);
                    stream.Position = at;
                    var value = (byte)stream.ReadByte();
                    stream.Position = at;
                    stream.WriteByte((byte)(value ^ (1 << random.Next(8))));
                }
                return $"{Path.GetFileName(file)} with flipped bits";
        }
    }
}

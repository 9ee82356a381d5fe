using System.Text;
using EdgeGate.Service.Settings;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Settings;

public class SettingsMutationTests
{
    private static readonly byte[] Sample = Encoding.UTF8.GetBytes(SettingsFile.Sample);
    private static readonly Gen<byte[]> Bytes = Gen.ArrayOf(Gen.Choose(0, 255).Select(number => (byte)number));

    [Fact]
    public void Any_mutation_of_the_sample_is_settings_or_sentences()
    {
        string[] snippets =
        [
            "null", "[", "{", "\"", ",", "\\ud800", "\\u0000", "1e999", "-", "/*", "//", "\"kind\":", "测试", "\uFEFF", "\"id\": \"a\",",
        ];
        var cuts =
            from at in Gen.Choose(0, Sample.Length)
            from length in Gen.Choose(0, 40)
            select (At: at, Length: Math.Min(length, Sample.Length - at));
        var pieces = Gen.OneOf(
            Bytes,
            Gen.Elements(snippets).Select(Encoding.UTF8.GetBytes),
            cuts.Select(copied => Sample.AsSpan(copied.At, copied.Length).ToArray()));
        var mutations = from cut in cuts from inserted in pieces select (cut.At, cut.Length, Inserted: inserted);
        Prop.ForAll(Gen.NonEmptyListOf(mutations).ToArbitrary(), mutations =>
        {
            byte[] text = Sample;
            foreach (var (at, length, inserted) in mutations.Take(3))
                text = [.. text.Take(at), .. inserted, .. text.Skip(at + length)];
            AssertSpeaks(SmallSettings.Parse(text));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void Any_environment_is_settings_or_sentences()
    {
        string[] names =
        [
            "SITE", "READERS", "LANE", "EVIDENCE", "BROKER", "TLS", "PORTAL", "KIND", "PORT", "THERMOMETER", "RULES",
            "CREDENTIALGROUPS", "FROM", "0", "1", "255", "-1", "", "x",
        ];
        var values = Gen.OneOf(
            Gen.Elements("null", "[null]", "[[]]", "{\"kind\":7}", "1", "text", "07:30"),
            Bytes.Select(Encoding.UTF8.GetString)); // as the runtime reads them
        var variables =
            from name in Gen.NonEmptyListOf(Gen.Elements(names))
            from value in values
            select ("EDGEGATE_" + string.Join("__", name.Take(4)), value);
        Prop.ForAll(Gen.ListOf(variables).ToArbitrary(), variables => AssertSpeaks(SmallSettings.Parse(Sample, [.. variables])))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static void AssertSpeaks(SettingsResult result)
    {
        if (result is not SettingsResult.Invalid invalid)
            return;
        Assert.NotEmpty(invalid.Faults);
        Assert.All(invalid.Faults, fault => Assert.Matches(@"^\S.* \S", fault.ToString()));
    }
}

using System.Text;
using EdgeGate.Service.Settings;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Settings;

public class SettingsMutationTests
{
    private static readonly byte[] Sample = Encoding.UTF8.GetBytes(SettingsFile.Sample);

    [Fact]
    public void Any_mutation_of_the_sample_is_settings_or_sentences()
    {
        var cut = from at in Gen.Choose(0, Sample.Length) from length in Gen.Choose(0, 40) select (At: at, Length: Math.Min(length, Sample.Length - at));
        var piece = Gen.OneOf(
            Gen.ArrayOf(Gen.Choose(0, 255).Select(number => (byte)number)),
            Gen.Elements("null", "[", "{", "\"", ",", "\\ud800", "\\u0000", "1e999", "-", "/*", "//", "\"kind\":", "测试", "\uFEFF", "\"id\": \"a\",").Select(Encoding.UTF8.GetBytes),
            cut.Select(copied => Sample.AsSpan(copied.At, copied.Length).ToArray()));
        var mutation = from change in cut from inserted in piece select (change.At, change.Length, Inserted: inserted);
        Prop.ForAll(Gen.NonEmptyListOf(mutation).ToArbitrary(), mutations =>
        {
            byte[] text = [.. Sample];
            foreach (var (at, length, inserted) in mutations.Take(3))
                text = [.. text.Take(at), .. inserted, .. text.Skip(at + length)];
            AssertSpeaks(SmallSettings.Parse(text));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Any_environment_is_settings_or_sentences()
    {
        var name = Gen.Elements("SITE", "READERS", "LANE", "EVIDENCE", "BROKER", "TLS", "PORTAL", "KIND", "PORT", "THERMOMETER", "RULES", "CREDENTIALGROUPS", "FROM", "0", "1", "255", "-1", "", "x");
        var value = Gen.OneOf(Gen.Elements("null", "[null]", "[[]]", "{\"kind\":7}", "1", "text", "07:30"), Gen.ArrayOf(Gen.Choose(0, 255).Select(number => (byte)number)).Select(Encoding.UTF8.GetString)); // as the runtime does it
        var variable = from names in Gen.NonEmptyListOf(name) from text in value select ("EDGEGATE_" + string.Join("__", names.Take(4)), text);
        Prop.ForAll(Gen.ListOf(variable).ToArbitrary(), variables => AssertSpeaks(SmallSettings.Parse(Sample, [.. variables])))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static void AssertSpeaks(SettingsResult result)
    {
        if (result is SettingsResult.Invalid invalid)
            Assert.All(Assert.IsAssignableFrom<IEnumerable<SettingsFinding>>(invalid.Faults), fault => Assert.Matches(@"^\S.* \S", fault.ToString()));
    }
}

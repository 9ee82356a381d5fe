using System.Text;
using EdgeGate.Access;
using EdgeGate.Service.Kiosk;

namespace EdgeGate.Service.Tests.Passing;

public class PersonalDataTests
{
    [Fact]
    public async Task No_number_name_or_code_stands_in_clear_in_any_file_or_log_line()
    {
        await using var lane = await LaneUnderTest.StartAsync(withTemperature: true);
        lane.Measure(36.54m);
        await lane.PresentAsync(People.Card() with { AdditionalAddress = "SAMPLE-ROAD-2" });
        await lane.SeeAsync(KioskFace.Granted);
        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        await lane.SeeAsync(KioskFace.Idle);
        await lane.PresentAsync(new Credential.Code("PASS-SECRET-7788"));
        await lane.SeeAsync(KioskFace.Gathering);
        await lane.LetPassAsync(TimeSpan.FromSeconds(10.1));
        await lane.SeeAsync(KioskFace.Denied);
        Assert.Equal(3, lane.Records().Count);

        byte[][] secrets = [.. new[] { People.Number, "测试一", "\\u6D4B\\u8BD5\\u4E00", "PASS-SECRET-7788", "SAMPLE-ROAD-2", "36.54" }.Select(Encoding.UTF8.GetBytes)];
        foreach (var file in Directory.EnumerateFiles(lane.JournalDirectory))
        {
            if (Path.GetFileName(file).EndsWith("lock", StringComparison.Ordinal))
                continue; // held, and empty
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[stream.Length];
            await stream.ReadExactlyAsync(content);
            Assert.All(secrets, secret => Assert.True(content.AsSpan().IndexOf(secret) < 0, $"{Encoding.UTF8.GetString(secret)} in {file}"));
        }
        Assert.NotEmpty(lane.Log.Lines);
        Assert.All(lane.Log.Lines, line => Assert.All(secrets, secret => Assert.DoesNotContain(Encoding.UTF8.GetString(secret), line, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_center_opens_what_was_sealed_and_finds_all_of_it()
    {
        await using var lane = await LaneUnderTest.StartAsync(withTemperature: true);
        lane.Measure(36.54m);
        await lane.PresentAsync(People.Card() with { AdditionalAddress = "SAMPLE-ROAD-2" });
        await lane.SeeAsync(KioskFace.Granted);

        var record = lane.Records()[0];
        var evidence = lane.Opened(record);

        Assert.Equal(People.Number, evidence.GetProperty("number").GetString());
        Assert.Equal("测试一", evidence.GetProperty("name").GetString());
        Assert.Equal("2020-01-01", evidence.GetProperty("validFrom").GetString());
        Assert.Equal("SAMPLE-ROAD-2", evidence.GetProperty("additionalAddress").GetString());
        Assert.Equal(36.54m, evidence.GetProperty("body").GetDecimal());
        Assert.Equal(25m, evidence.GetProperty("ambient").GetDecimal());
        Assert.Equal("测**", record.GetProperty("data").GetProperty("maskedName").GetString());
    }

    [Fact]
    public async Task A_code_is_sealed_too_and_has_a_key_of_another_kind_than_a_card_of_the_same_digits()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);
        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        await lane.SeeAsync(KioskFace.Idle);
        await lane.PresentAsync(new Credential.Code(People.Number));
        await lane.SeeAsync(KioskFace.Denied);

        var records = lane.Records();

        Assert.Equal(People.Number, lane.Opened(records[2]).GetProperty("code").GetString());
        Assert.NotEqual(Person(0), Person(2));

        string? Person(int index) => records[index].GetProperty("data").GetProperty("person").GetString();
    }

    [Theory, InlineData('<'), InlineData('\u0001'), InlineData('"')]
    public async Task The_longest_code_of_the_most_awkward_characters_still_fits_a_record(char awkward)
    {
        await using var lane = await LaneUnderTest.StartAsync();

        await lane.PresentAsync(new Credential.Code(new string(awkward, Devices.Scanners.ScannedCode.MaxBytes)));
        await lane.SeeAsync(KioskFace.Denied);

        Assert.Single(lane.Records());
    }

    [Fact]
    public async Task Half_a_surrogate_in_a_name_harms_nothing()
    {
        await using var lane = await LaneUnderTest.StartAsync();

        await lane.PresentAsync(People.Card(name: "\uD83D测\uDC00"));
        await lane.SeeAsync(KioskFace.Granted);

        Assert.Equal(2, lane.Records().Count);
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeGate.Devices.IdCards;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Readers;

/// <summary>What gate.json says of an ID card reader, seen on its line and in the records. The test plays the module with the bytes of the protocol's description.</summary>
public sealed class SamVSettingsTests : IAsyncLifetime, IDisposable
{
    private const string
        AskFind = "AAAAAA96690003200122", AskSelect = "AAAAAA96690003200221", AskRead = "AAAAAA96690003300132", AskReadWithFingerprints = "AAAAAA96690003301023", AskAdditionalAddress = "AAAAAA96690003300330",
        Found = "AAAAAA9669000800009F0000000097", NoCard = "AAAAAA9669000400008084", Selected = "AAAAAA9669000C00009000000000000000009C",
        Empty = "AAAAAA9669000400009195", ReadFailed = "AAAAAA9669000400004145";

    private readonly LoopbackPort _port = new("/dev/test");
    private LaneUnderTest _lane = null!;
    private IdCardReaderService? _service;
    private LoopbackLine _module = null!;

    public async Task InitializeAsync() => _lane = await LaneUnderTest.StartAsync();

    public async Task DisposeAsync()
    {
        await _service!.StopAsync(CancellationToken.None).InTime();
        await _lane.DisposeAsync();
    }

    public void Dispose() => _service?.Dispose();

    private async Task StartAsync(string more)
    {
        var settings = JsonSerializer.Deserialize<ReaderSettings>($$"""{ "id": "id-card", "kind": "sam-v", "port": "/dev/test", "pollEvery": "00:00:00.1"{{more}} }""", SettingsJson.Options);
        _service = new IdCardReaderService((SamVReaderSettings)settings!, _port, _lane.Inputs, _lane.Devices, TimeProvider.System);
        await _service.StartAsync(CancellationToken.None);
        _module = await _port.NextDeviceEndAsync(CancellationToken.None).InTime();
    }

    private async Task AnswerAsync(string asked, string answer)
    {
        var heard = (await _module.Input.ReadAtLeastAsync(asked.Length / 2).InTime()).Buffer.Slice(0, asked.Length / 2);
        Assert.Equal(asked, Convert.ToHexString(heard.ToArray()));
        _module.Input.AdvanceTo(heard.End);
        await _module.WriteAsync(Convert.FromHexString(answer), CancellationToken.None);
    }

    private static string CardWith(byte[] photo) =>
        Convert.ToHexString(SamVFrame.Encode([0, 0, 0x90, 1, 0, (byte)(photo.Length >> 8), (byte)photo.Length, .. IdCardText.Format(Resident), .. photo]));

    private async Task LayDownAsync(byte[]? photo = null)
    {
        await AnswerAsync(AskFind, Found);
        await AnswerAsync(AskSelect, Selected);
        await AnswerAsync(AskRead, CardWith(photo ?? new byte[1024]));
    }

    private static ResidentIdCard Resident => new()
    {
        Name = "测试一",
        SexCode = "1",
        EthnicGroupCode = "01",
        BirthDate = new CardDate("19000101"),
        Address = "虚构省假想市样例区测试路1号",
        Number = People.Number,
        Issuer = "假想市公安局样例分局",
        ValidFrom = new CardDate("20200101"),
        ValidTo = CardDate.LongTerm,
    };

    [Theory, InlineData(""), InlineData(""", "removal": "additional-address" """)]
    public async Task A_module_that_finds_a_read_card_no_more_is_asked_for_the_additional_address_until_the_answer_is_an_error(string more)
    {
        await StartAsync(more);
        await LayDownAsync();

        for (var look = 0; look < 5; look++)
            await AnswerAsync(AskAdditionalAddress, Empty); // 91: it lies there, and has none
        for (var miss = 0; miss < 2; miss++)
            await AnswerAsync(AskAdditionalAddress, ReadFailed);

        await AnswerAsync(AskFind, Found); // lifted: it is looked for again, and found is a card to be read
        await AnswerAsync(AskSelect, Selected);
    }

    [Fact]
    public async Task A_module_that_finds_a_card_as_long_as_it_lies_there_is_asked_to_find_it_and_9F_is_no_other_card()
    {
        await StartAsync(""", "removal": "find-card" """);
        await LayDownAsync();

        for (var look = 0; look < 5; look++)
            await AnswerAsync(AskFind, Found); // not selected again: it is the one that was read
        for (var miss = 0; miss < 2; miss++)
            await AnswerAsync(AskFind, NoCard);

        await LayDownAsync();
    }

    [Theory, InlineData("", false), InlineData(""", "additionalAddress": true """, true)]
    public async Task The_additional_address_goes_into_the_sealed_part_of_the_record_and_only_where_that_is_set(string more, bool isKept)
    {
        const string Moved = "虚构省假想市样例区测试路2号";
        await StartAsync(more);
        await LayDownAsync();
        await AnswerAsync(AskAdditionalAddress, Convert.ToHexString(SamVFrame.Encode([0, 0, 0x90, .. Encoding.Unicode.GetBytes(Moved.PadRight(35))])));

        var record = (await _lane.RecordsAsync(atLeast: 1))[0];

        Assert.Equal(isKept ? Moved : null, _lane.Opened(record).TryGetProperty("additionalAddress", out var kept) && kept.ValueKind is JsonValueKind.String ? kept.GetString() : null);
        Assert.DoesNotContain("additionalAddress", record.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_may_be_read_in_the_form_with_fingerprints_of_which_nothing_is_kept()
    {
        var fingerprints = Enumerable.Range(0, 1024).Select(i => (byte)(i * 11)).ToArray();
        await StartAsync(""", "fingerprints": true """);
        await AnswerAsync(AskFind, Found);
        await AnswerAsync(AskSelect, Selected);
        await AnswerAsync(AskReadWithFingerprints, Convert.ToHexString(SamVFrame.Encode([0, 0, 0x90, 1, 0, 4, 0, 4, 0, .. IdCardText.Format(Resident), .. new byte[1024], .. fingerprints])));

        var opened = _lane.Opened((await _lane.RecordsAsync(atLeast: 1))[0]);

        Assert.Equal(People.Number, opened.GetProperty("number").GetString());
        Assert.DoesNotContain(Convert.ToBase64String(fingerprints)[..20], opened.GetRawText(), StringComparison.Ordinal);
    }

    [Theory, InlineData("", false), InlineData(""", "photo": false """, false), InlineData(""", "photo": true """, true)]
    public async Task The_portrait_goes_into_the_sealed_part_of_the_record_as_the_card_has_it_and_only_where_that_is_set(string more, bool isKept)
    {
        var photo = Enumerable.Range(0, 1024).Select(i => (byte)(i * 7)).ToArray();
        await StartAsync(more);
        await LayDownAsync(photo);

        var record = (await _lane.RecordsAsync(atLeast: 1))[0];

        var opened = _lane.Opened(record);
        Assert.Equal(isKept ? Convert.ToBase64String(photo) : null, opened.TryGetProperty("photo", out var kept) && kept.ValueKind is JsonValueKind.String ? kept.GetString() : null);
        Assert.Equal(People.Number, opened.GetProperty("number").GetString());
        Assert.DoesNotContain(Convert.ToBase64String(photo)[..20], record.GetRawText(), StringComparison.Ordinal);
    }
}

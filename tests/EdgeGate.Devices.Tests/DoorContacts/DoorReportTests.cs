using System.Text;
using EdgeGate.Devices.DoorContacts;
using EdgeGate.Devices.Framing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.DoorContacts;

public class DoorReportTests
{
    [Theory]
    [InlineData("[]")]
    [InlineData("\"contact\"")]
    [InlineData("{\"contact\":true} {}")]
    [InlineData("")]
    public void What_is_no_object_says_nothing(string payload) =>
        Assert.Equal(new DoorReading(null, FrameFault.BadValue), Zigbee2MqttDoor.Decode(Encoding.UTF8.GetBytes(payload)));

    [Theory]
    [InlineData("""{"\ud800contact":true}""")]
    [InlineData("""{"\ud800contact and more, longer than any name":true,"contact":"\udfff"}""")]
    public void A_name_that_is_no_text_is_borne(string payload) =>
        Assert.Null(Zigbee2MqttDoor.Decode(Encoding.UTF8.GetBytes(payload)).Report?.IsOpen);

    [Theory]
    [InlineData("{\"contact\":\"false\"}")]
    [InlineData("{\"contact\":0,\"battery\":\"full\"}")]
    [InlineData("{\"contact\":null,\"battery\":400}")]
    public void A_value_of_another_kind_says_nothing_of_the_door(string payload) =>
        Assert.Equal(new DoorReading(new DoorReport()), Zigbee2MqttDoor.Decode(Encoding.UTF8.GetBytes(payload)));

    [Fact]
    public void What_comes_before_an_unknown_channel_counts() =>
        Assert.Equal(new DoorReading(new DoorReport(IsOpen: true), FrameFault.Unsupported), Ws301Door.Decode([0x03, 0x00, 0x01, 0x09, 0x09, 0x00]));

    [Fact]
    public void Any_bytes_at_all_are_borne() => Prop.ForAll<byte[]>(noise =>
    {
        Zigbee2MqttDoor.Decode(noise);
        IasZoneDoor.Decode(noise);
        Ws301Door.Decode(noise);
    }).QuickCheckThrowOnFailure();
}

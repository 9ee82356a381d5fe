using System.Security.Cryptography;
using System.Text;
using EdgeGate.Messages;
using EdgeGate.Messages.Registers;
using EdgeGate.Mqtt;

namespace EdgeGate.Service.Registers;

/// <summary>The center's side of a register: its files and then its announcement, all retained at the broker.</summary>
internal static class RegisterPublishing
{
    /// <param name="link">Online; nobody else uses it.</param>
    /// <param name="newest">The whole list and the changes since.</param>
    /// <param name="before">What was announced before; its files that are no longer needed are taken off the broker. Null when nothing is known.</param>
    /// <returns>What is announced now.</returns>
    /// <exception cref="IOException">The broker does not take it.</exception>
    public static async Task<RegisterAnnouncement> PublishAsync(
        IMqttLink link, SiteTopics topics, string name, IReadOnlyList<(RegisterVersion Head, byte[] Bytes)> newest, RegisterAnnouncement? before, string keyId, ECDsa key,
        CancellationToken cancellationToken)
    {
        var announcement = new RegisterAnnouncement(topics.Site, name, [.. newest.Select(version => RegisterFile.Of(version.Head, version.Bytes))]);
        foreach (var (file, (_, bytes)) in announcement.Files.Zip(newest))
        {
            for (var part = 0; part < file.Parts; part++)
                await RetainAsync(topics.RegisterPart(name, file, part), bytes.AsMemory(part * RegisterFile.PartLength)[..Math.Min(RegisterFile.PartLength, bytes.Length - (part * RegisterFile.PartLength))]);
        }
        await RetainAsync(topics.Register(name), Encoding.ASCII.GetBytes(announcement.Sign(keyId, key))); // last: whoever hears it finds the files
        foreach (var file in before?.Files.Except(announcement.Files) ?? [])
        {
            for (var part = 0; part < file.Parts; part++)
                await RetainAsync(topics.RegisterPart(name, file, part), ReadOnlyMemory<byte>.Empty);
        }
        return announcement;

        async Task RetainAsync(string topic, ReadOnlyMemory<byte> payload)
        {
            while (!link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(topic), Payload = payload.Span, Retain = true }, rowId: 1))
                await link.WaitForRoomAsync(cancellationToken);
            var answer = await link.Acks.ReadAsync(cancellationToken);
            if (answer.Reason >= MqttReason.UnspecifiedError)
                throw new IOException($"the broker does not take {topic}: {answer.Reason} {answer.Text}");
        }
    }
}

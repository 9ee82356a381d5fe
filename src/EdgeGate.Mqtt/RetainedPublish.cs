using System.Text;

namespace EdgeGate.Mqtt;

/// <summary>For a link that is only there to put retained messages at the broker, one after the other.</summary>
public static class RetainedPublish
{
    /// <summary>Puts a retained message there, and waits until the broker has it. Nobody else may publish on this link meanwhile: the answers could not be told apart.</summary>
    /// <param name="payload">Empty to take the topic's message off the broker.</param>
    /// <exception cref="IOException">The broker does not take it.</exception>
    public static async Task RetainAsync(this IMqttLink link, string topic, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (!link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(topic), Payload = payload.Span, Retain = true }, rowId: 1))
                await link.WaitForRoomAsync(cancellationToken);
            switch (await link.Acks.ReadAsync(cancellationToken))
            {
                case { Outcome: MqttAckOutcome.Accepted }:
                    return;
                case { Outcome: MqttAckOutcome.OfferAgain }:
                    continue;
                case var refused:
                    throw new IOException($"the broker does not take {topic}: {refused.Reason} {refused.Text}");
            }
        }
    }
}

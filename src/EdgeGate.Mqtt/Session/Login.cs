using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using EdgeGate.Mqtt.Transport;
using EdgeGate.Mqtt.Wire;

namespace EdgeGate.Mqtt.Session;

/// <summary>The first exchange on a connection, CONNECT and CONNACK, and what an operator should read when it fails.</summary>
internal sealed class Login(MqttEndpoint endpoint, MqttVersion version, MqttLinkOptions options)
{
    public async Task<MqttServerLimits> PerformAsync(Stream stream, PipeReader input, MqttCredentials credentials, long login, CancellationToken cancellationToken)
    {
        ConnAckPacket ack;
        try
        {
            await stream.WriteAsync(PacketFrame.Encode(new ConnectPacket(options, credentials, version, login)), cancellationToken);
            ack = await ReadAnswerAsync(input, cancellationToken);
        }
        catch (Exception error) when (error is IOException and not LinkDownException or SocketException)
        {
            throw ClosedBeforeAnswer(error);
        }
        if (ack.Reason >= MqttReason.UnspecifiedError)
            throw Refusal(ack);
        return new MqttServerLimits
        {
            Login = login,
            Version = version,
            SessionPresent = ack.SessionPresent,
            ReceiveMaximum = ack.ReceiveMaximum,
            MaximumPacketSize = (int)Math.Min(ack.MaximumPacketSize, (uint)options.MaximumPacketSize),
            KeepAlive = ack.ServerKeepAlive is { } seconds ? TimeSpan.FromSeconds(seconds) : options.KeepAlive,
            SessionExpiry = ack.SessionExpiryInterval is { } expiry ? TimeSpan.FromSeconds(expiry) : options.SessionExpiry,
            RetainAvailable = ack.RetainAvailable,
            Qos1Available = ack.MaximumQos > 0,
        };
    }

    private async Task<ConnAckPacket> ReadAnswerAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var status = PacketFrame.TryRead(ref buffer, options.MaximumPacketSize, out _, out var body);
            // The first byte alone tells a stranger, who may never send as much as it seems to announce.
            var isConnAck = read.Buffer.IsEmpty || read.Buffer.FirstSpan[0] == PacketType.ConnAck;
            if (isConnAck && status == FrameStatus.Complete && ConnAckPacket.TryDecode(body.ToArray(), version, out var ack))
            {
                input.AdvanceTo(buffer.Start);
                return ack;
            }
            if (!isConnAck || status != FrameStatus.NeedMore)
                throw new LinkDownException(MqttLinkEventKind.ProtocolFault, $"{endpoint} did not answer the login with a CONNACK; is it an MQTT server?");
            if (read.IsCompleted)
                throw ClosedBeforeAnswer(null);
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private LinkDownException ClosedBeforeAnswer(Exception? error)
    {
        // In TLS 1.3 the server judges our certificate after our side of the handshake is done, so its refusal looks like this.
        var hint = options.Tls is null ? "" : " If it asks for client certificates, it may have refused ours.";
        return new(MqttLinkEventKind.Unreachable, $"{endpoint} closed the connection without answering the login.{hint}", inner: error)
        {
            OlderVersionMayWork = true,
        };
    }

    private LinkDownException Refusal(ConnAckPacket ack)
    {
        var what = ack.Reason switch
        {
            MqttReason.BadUserNameOrPassword => "the user name or password is wrong",
            MqttReason.NotAuthorized => $"this client ('{options.ClientId}') is not authorised; check user name, password or certificate, and the server's access list",
            MqttReason.ClientIdentifierNotValid => $"the server does not accept the client id '{options.ClientId}'",
            MqttReason.UnsupportedProtocolVersion => "the server does not speak this version of MQTT",
            MqttReason.UseAnotherServer or MqttReason.ServerMoved => $"use another server{(ack.ServerReference is { } other ? $": {other}" : "")}",
            _ => "the server refused the login",
        };
        return new(MqttLinkEventKind.Refused, $"{endpoint}: {what}{ack.Reason.Described(ack.ReasonString)}", ack.Reason)
        {
            OlderVersionMayWork = ack.Reason == MqttReason.UnsupportedProtocolVersion,
        };
    }
}

internal static class ReasonWords
{
    /// <summary>Number, name and the server's own words, to stand at the end of a message.</summary>
    public static string Described(this MqttReason reason, string? text) =>
        string.IsNullOrEmpty(text) ? $" (reason {(byte)reason}, {reason})" : $" (reason {(byte)reason}, {reason}: {text})";
}

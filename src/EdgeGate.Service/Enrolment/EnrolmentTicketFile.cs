using System.Text.Json;
using EdgeGate.Messages.Enrolment;

namespace EdgeGate.Service.Enrolment;

/// <summary>
/// The ticket of the bundle, until the gate has a signing key; then the proof takes its place on disk. The ticket could vouch for any key, so whoever copies the card
/// of a box that has not been at the center yet would be that gate; the proof vouches for this box's key only.
/// </summary>
internal static class EnrolmentTicketFile
{
    /// <param name="kid">Of this gate's signing key. Where the key was made anew after the proof, the center refuses the proof: it takes a new bundle.</param>
    /// <returns>Null for a ticket from before tickets were keys: the center took it then or takes it no more, and a gate that it knows must not lose its uplink over it.</returns>
    /// <exception cref="IOException">Cannot be read.</exception>
    /// <exception cref="JsonException">Holds neither a ticket nor a proof.</exception>
    /// <exception cref="FormatException">The ticket's key is none; so too for CryptographicException.</exception>
    public static EnrolmentProof? ProofIn(string file, string site, string gate, string kid)
    {
        var content = File.ReadAllBytes(file);
        if (JsonDocument.Parse(content).RootElement is { ValueKind: JsonValueKind.Object } root)
        {
            if (root.TryGetProperty("signature", out _))
                return JsonSerializer.Deserialize(content, EnrolmentShapes.Default.EnrolmentProof)!;
            if (root.TryGetProperty("secret", out _))
                return null;
        }
        var ticket = JsonSerializer.Deserialize(content, EnrolmentShapes.Default.EnrolmentTicket) ?? throw new JsonException("it is null");
        var proof = ticket.Prove(site, gate, kid);
        try
        {
            DurableFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(proof, EnrolmentShapes.Default.EnrolmentProof));
        }
        catch (IOException)
        {
            // A folder that the gate may not write keeps nobody from starting; the ticket is used up by the first login all the same.
        }
        return proof;
    }
}

using System.Text;
using EdgeGate.Messages.Enrolment;

namespace EdgeGate.Messages.Tests.Enrolment;

public sealed class SealedBundleTests
{
    private static readonly EnrolmentBundle Bundle = new()
    {
        Site = "secret-estate",
        Gate = "north",
        Expires = new DateTimeOffset(2026, 11, 29, 0, 0, 0, TimeSpan.Zero),
        Broker = new BundleBroker("broker.example", 8883, User: "secret-estate.north", Password: "a password"),
        SiteKey = Convert.ToBase64String(new byte[32]),
        EvidenceKeyPem = "a public key",
        CommandKeys = [new("center-2026", "another")],
        Ticket = EnrolmentTicket.New(),
    };

    [Fact]
    public void Only_the_passphrase_opens_it_however_it_is_typed()
    {
        var passphrase = SealedBundle.NewPassphrase();
        var file = SealedBundle.Seal(Bundle, passphrase);

        var opened = SealedBundle.Open(file, $"  {passphrase.ToUpperInvariant().Replace('-', ' ')}");

        Assert.Equal(("north", Bundle.Broker, Bundle.Ticket, Bundle.CommandKeys[0]), (opened.Gate, opened.Broker, opened.Ticket, opened.CommandKeys[0]));
        Assert.Contains("passphrase", Assert.Throws<InvalidDataException>(() => SealedBundle.Open(file, SealedBundle.NewPassphrase())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stolen_file_tells_nothing_not_even_whose_it_is()
    {
        var text = Encoding.UTF8.GetString(SealedBundle.Seal(Bundle, SealedBundle.NewPassphrase()));

        foreach (var word in (string[])["secret-estate", "north", "broker", "password", "key", Bundle.Ticket.Id])
            Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Whatever_is_altered_in_it_it_does_not_open()
    {
        var passphrase = SealedBundle.NewPassphrase();
        var file = SealedBundle.Seal(Bundle, passphrase);

        foreach (var fewer in (string[])["\"iterations\":300001", "\"iterations\":1", "\"iterations\":2000000000"])
            Assert.Throws<InvalidDataException>(() => SealedBundle.Open(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file).Replace("\"iterations\":300000", fewer, StringComparison.Ordinal)), passphrase));
        foreach (var at in (int[])[0, 20, file.Length / 2, file.Length - 20])
        {
            var altered = file.ToArray();
            altered[at] ^= 1;
            Assert.Throws<InvalidDataException>(() => SealedBundle.Open(altered, passphrase));
        }
    }

    [Fact]
    public void No_two_passphrases_are_alike_and_none_is_short()
    {
        var made = Enumerable.Range(0, 50).Select(_ => SealedBundle.NewPassphrase()).ToArray();

        Assert.Equal(50, made.Distinct(StringComparer.Ordinal).Count());
        Assert.All(made, passphrase => Assert.Matches("^([a-z2-9]{5}-){4}[a-z2-9]{5}$", passphrase));
    }

    [Fact]
    public void A_proof_is_good_for_one_key_of_one_gate_by_one_ticket()
    {
        var ticket = EnrolmentTicket.New();
        var proof = ticket.Prove("estate", "north", "kid-1");

        Assert.True(proof.IsBy(ticket.PublicKey, "estate", "north", "kid-1"));
        Assert.False(proof.IsBy(ticket.PublicKey, "estate", "north", "kid-2"));
        Assert.False(proof.IsBy(ticket.PublicKey, "estate", "south", "kid-1"));
        Assert.False((proof with { Id = "another" }).IsBy(ticket.PublicKey, "estate", "north", "kid-1"));
        Assert.False(proof.IsBy(EnrolmentTicket.New().PublicKey, "estate", "north", "kid-1"));
        Assert.False((proof with { Signature = "not base64 !" }).IsBy(ticket.PublicKey, "estate", "north", "kid-1"));
        Assert.False(proof.IsBy("not base64 !", "estate", "north", "kid-1"));
    }
}

using EdgeGate.Access;
using EdgeGate.Devices.IdCards;

namespace EdgeGate.Service.Demo;

/// <summary>One person at the gate: waits for their turn, shows what they have, is measured, reads the kiosk, goes.</summary>
internal static class Visit
{
    /// <summary>Somebody whom the gate does not answer tries again, as people do; this often at most.</summary>
    private const int Patience = 3;

    /// <returns>What the kiosk answered: granted, denied or seeGuard; null when it never did.</returns>
    public static async Task<string?> MakeAsync(this DemoSite site, Visitor visitor, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Patience; attempt++)
        {
            if (await site.Eyes.SeeAsync(face => face is "idle", within: TimeSpan.FromSeconds(15), cancellationToken) is null)
                continue;
            // Looks up before anything is shown: an answer may stand there for half a second only.
            var answering = site.Eyes.SeeAsync(face => face is "granted" or "denied" or "seeGuard", within: TimeSpan.FromSeconds(20), cancellationToken);
            site.HealthOffice?.ProviderIsDown = visitor.Code is ShownCode.GreenWhileProviderIsDown;
            await ShowAsync(site.Lane, visitor, cancellationToken);
            if (visitor.UsesCard && site.HealthOffice?.CodeOf(visitor) is { } code)
                await site.Lane.ScanAsync(code, cancellationToken);
            site.Lane.AtThermometer = Celsius.From(visitor.Skin);
            var answer = await answering;
            site.Lane.LiftCard();
            site.Lane.AtThermometer = null;
            if (answer is not null)
                return answer;
        }
        return null;
    }

    private static async Task ShowAsync(SimulatedLane lane, Visitor visitor, CancellationToken cancellationToken)
    {
        if (!visitor.UsesCard)
        {
            await lane.ScanAsync(visitor.Shows, cancellationToken);
            return;
        }
        lane.PlaceCard(SimulatedCard.Of(CardOf(visitor)) with
        {
            Refusal = visitor.Errand is Errand.UnreadableCard ? SamVStatus.CardTypeUnknown : null,
        });
    }

    private static ResidentIdCard CardOf(Visitor visitor) => new()
    {
        Name = visitor.Name,
        SexCode = "1",
        EthnicGroupCode = "01",
        BirthDate = new CardDate(visitor.Shows.Substring(6, 8)),
        Address = "虚构省假想市样例区测试路1号",
        Number = visitor.Shows,
        Issuer = "假想市公安局样例分局",
        ValidFrom = new CardDate("20100101"),
        ValidTo = visitor.Errand is Errand.ExpiredCard ? new CardDate("20191231") : CardDate.LongTerm,
    };
}

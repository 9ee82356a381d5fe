using System.Security.Cryptography;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Tests.People;
using EdgeGate.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Center.Tests.Registers;

[Collection(nameof(CenterDatabase))]
public sealed class RegisterPublisherTests(CenterDatabase server) : IAsyncLifetime
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private PeopleDesk _desk = null!;

    public async Task InitializeAsync() => _desk = PeopleDesk.Over(await server.NewAsync(), _time);

    public async Task DisposeAsync()
    {
        _key.Dispose();
        if (_desk is not null)
            await _desk.DisposeAsync();
    }

    [SkippableFact]
    public async Task What_is_newer_than_the_brokers_goes_there_and_what_it_has_does_not_go_again_until_it_forgets()
    {
        await using var link = new FakeBroker();
        using var publisher = new RegisterPublisher(link, _desk.Book, new CommandSigner("center", _key), _desk.Database, _time, NullLogger<RegisterPublisher>.Instance);
        await publisher.BeginAsync(CancellationToken.None);
        await _desk.ListAsync((1, "3-1-502"));
        await LookAsync();
        Assert.Contains("edgegate/v1/estate/registers/residents", link.Retained.Keys);
        Assert.Equal(1, (await _desk.Book.ListAsync(CancellationToken.None))[0].Announced);

        var published = link.Published.Reader.Count;
        await LookAsync();
        Assert.Equal(published, link.Published.Reader.Count);

        link.LogIn(); // the same broker: it still has everything
        await LookAsync();
        Assert.Equal(published, link.Published.Reader.Count);

        link.Retained.Clear(); // killed, and without memory
        link.LogIn();
        await LookAsync();
        Assert.Contains("edgegate/v1/estate/registers/residents", link.Retained.Keys);

        Task LookAsync() => TwiceAsync(publisher);
    }

    [SkippableFact]
    public async Task A_change_after_the_database_was_restored_from_a_copy_reaches_gates_that_have_newer_versions()
    {
        await using var link = new FakeBroker();
        using var before = new RegisterPublisher(link, _desk.Book, new CommandSigner("center", _key), _desk.Database, _time, NullLogger<RegisterPublisher>.Instance);
        await before.BeginAsync(CancellationToken.None);
        foreach (var unit in (string[])["3-1-502", "3-1-503", "3-1-504", "3-1-505"])
            await _desk.ListAsync((1, unit));
        await TwiceAsync(before);
        await _desk.DoAsync("delete from register"); // the copy is of a day on which there was only the first
        await _desk.ListAsync((1, "3-1-502"));
        using var after = new RegisterPublisher(link, _desk.Book, new CommandSigner("center", _key), _desk.Database, _time, NullLogger<RegisterPublisher>.Instance);
        await after.BeginAsync(CancellationToken.None);

        await TwiceAsync(after);
        await TwiceAsync(after);

        var list = (await _desk.Book.ListAsync(CancellationToken.None))[0];
        Assert.Equal((5, 5), (list.Version, list.Announced));
        Assert.Contains("edgegate/v1/estate/registers/residents/5/whole/0", link.Retained.Keys);
    }

    private async Task TwiceAsync(RegisterPublisher publisher)
    {
        await publisher.LookAsync(CancellationToken.None); // subscribes
        _time.Advance(TimeSpan.FromSeconds(3));
        await publisher.LookAsync(CancellationToken.None);
    }
}

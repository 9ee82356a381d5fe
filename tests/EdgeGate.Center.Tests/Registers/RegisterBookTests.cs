using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Tests.People;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Registers;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Center.Tests.Registers;

[Collection(nameof(CenterDatabase))]
public sealed class RegisterBookTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Now);
    private PeopleDesk _desk = null!;

    public async Task InitializeAsync() => _desk = PeopleDesk.Over(await server.NewAsync(), _time);

    public async Task DisposeAsync()
    {
        if (_desk is not null)
            await _desk.DisposeAsync();
    }

    [SkippableFact]
    public async Task Whatever_is_done_to_a_list_gates_that_fetch_its_files_have_what_the_database_has()
    {
        RegisterChange[][] edits = [[new RegisterChange([], [])], .. Gen.Sample(Edits(), 12, size: 40)];
        foreach (var (list, changes) in edits.Index().Select(item => ($"list-{item.Index}", item.Item)))
        {
            Register? atGate = null; // a gate that misses some versions and fetches what it lacks
            foreach (var (step, change) in changes.Index())
            {
                await _desk.Book.ChangeAsync(PeopleDesk.Site, list, change, PeopleDesk.Officer, CancellationToken.None);
                if (step % 3 == 2)
                    atGate = await FetchAsync(list, atGate);
            }
            atGate = await FetchAsync(list, atGate);

            var atCenter = await _desk.Book.LoadAsync(PeopleDesk.Site, list, CancellationToken.None);
            Assert.Equal(atCenter?.Version, atGate?.Version); // none of either when no change changed anything
            Assert.Equal(atCenter?.Persons.Entries, atGate?.Persons.Entries);
        }
    }

    [SkippableFact]
    public async Task A_change_that_changes_nothing_makes_no_version_and_versions_never_go_back()
    {
        Assert.Equal(1, (await _desk.ListAsync((1, "3-1-502"), (2, "3-1-502"))).Version);
        Assert.Equal(1, (await _desk.ListAsync((1, "3-1-502"), (2, "3-1-502"))).Version);

        var gone = await _desk.ListAsync((2, "3-1-502"));

        Assert.Equal((2, 1, 0, 0, 1), (gone.Version, gone.Persons, gone.Added, gone.Changed, gone.Removed));
    }

    [SkippableFact]
    public async Task Many_who_change_a_list_at_once_make_one_row_of_versions()
    {
        await _desk.ListAsync((1, "3-1-502"));

        var versions = await Task.WhenAll(Enumerable.Range(10, 12).Select(person =>
            _desk.Book.ChangeAsync(PeopleDesk.Site, RegisterBook.Residents, new RegisterChange([PeopleDesk.Resident(person, "4-1-101")], []), PeopleDesk.Officer, CancellationToken.None)));

        Assert.Equal(Enumerable.Range(2, 12), versions.Select(result => (int)result.Version).Order());
        Assert.Equal(13, (await FetchAsync(RegisterBook.Residents, null))!.Persons.Count);
    }

    [SkippableFact]
    public async Task A_table_is_taken_whole_or_not_at_all_keeps_no_number_and_seals_names_and_telephone_numbers()
    {
        var id = PeopleDesk.IdNumber("99999919900101001");
        var good = RegisterFileReading.PersonsOf(Encoding.UTF8.GetBytes($"身份证号,姓名,电话,房号\n{id},测试一,13800009999,3-1-502\n"), PeopleDesk.Persons, []);
        var bad = RegisterFileReading.PersonsOf("id,name,unit\n123,测试三,3-1-502\n"u8, PeopleDesk.Persons, []);

        Assert.Equal(["line 2: the ID number must have 18 characters"], bad.Faults.Select(fault => fault.ToString()));
        await _desk.Book.ChangeAsync(PeopleDesk.Site, "residents", new RegisterChange(good.Entries, [], ReplacesAll: true, good.Details), PeopleDesk.Officer, CancellationToken.None);

        var person = Assert.Single(good.Entries).Person;
        Assert.Equal(new PersonDetails("测试一", "13800009999"), await _desk.Book.ReadDetailsAsync(PeopleDesk.Site, "residents", person, PeopleDesk.Officer, CancellationToken.None));
        Assert.Equal(1, await _desk.AskAsync<long>("select count(*) from audit where action = 'read-details' and answers = 1"));
        var everything = await _desk.AskAsync<string>("select string_agg(t::text, ' ') from (select e::text t from register_entry e union all select v::text from register_version v union all select a::text from audit a) x");
        Assert.Contains("测**", everything, StringComparison.Ordinal);
        foreach (var secret in (string[])[id, "测试一", "13800009999"])
        {
            Assert.DoesNotContain(secret, everything, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret)), everything, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task The_plan_travels_like_a_list()
    {
        var plan = new SitePlan { Zones = [new Zone("east", RiskLevel.High, ["3-"])] };

        await _desk.Book.ChangePlanAsync(PeopleDesk.Site, new SitePlan(), PeopleDesk.Officer, CancellationToken.None);
        await _desk.Book.ChangePlanAsync(PeopleDesk.Site, plan, PeopleDesk.Officer, CancellationToken.None);

        var atGate = (await FetchAsync(RegisterBook.Plan, null))!;
        Assert.Equal((2, RiskLevel.High), (atGate.Version, Assert.Single(atGate.Plan!.Zones).Risk));
    }

    [Theory]
    [InlineData(null, 5, 60, ListState.Never)]
    [InlineData(5L, 5, 60, ListState.Current)]
    [InlineData(4L, 5, 4, ListState.UnderWay)]
    [InlineData(4L, 5, 6, ListState.Stale)]
    internal void A_gate_with_an_old_list_is_stale_when_it_had_time_to_get_the_new_one(long? has, long newest, int minutes, ListState state) =>
        Assert.Equal(state, GateLists.StateOf(has, newest, TimeSpan.FromMinutes(minutes)));

    [SkippableFact]
    public async Task Which_version_a_gate_has_is_known_from_its_own_record_and_a_late_record_does_not_take_it_back()
    {
        await _desk.ListAsync((1, "3-1-502"));
        await _desk.ListAsync((2, "3-1-502"));
        var gate = new SampleGate(PeopleDesk.Site, "north", Now);
        await _desk.DoAsync("insert into gate (site, name, added_at) values ('estate', 'north', now()), ('estate', 'south', now())");
        var (first, second) = (gate.ListInForce("residents", 1), gate.ListInForce("residents", 2));

        await PeopleDesk.CommitAsync(_desk.NewStore(), second);
        await PeopleDesk.CommitAsync(_desk.NewStore(), first);

        var lists = await new GateLists(_desk.Database, _time).ListAsync(CancellationToken.None);
        Assert.Equal([("north", 2L, ListState.Current), ("south", null, ListState.Never)], lists.Select(list => (list.Gate, list.Version, list.State)));
        _time.Advance(TimeSpan.FromMinutes(1));
        await _desk.ListAsync((3, "3-1-502"));
        _time.Advance(GateLists.MayTake);
        Assert.Equal(ListState.Stale, (await new GateLists(_desk.Database, _time).ListAsync(CancellationToken.None))[0].State);
    }

    /// <summary>As a gate does it: announcement, then the files it lacks, each checked.</summary>
    private async Task<Register?> FetchAsync(string list, Register? has)
    {
        var files = await _desk.Book.FilesAsync(PeopleDesk.Site, list, CancellationToken.None);
        if (files.Count == 0)
            return has; // nothing is announced
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var ring = new CommandKeyRing();
        ring.Add(new CommandKey("center", key.ExportSubjectPublicKeyInfoPem()));
        var parts = RegisterAnnouncement.Of(PeopleDesk.Site, list, files).Publication(files.Select(file => file.Bytes), null, "center", key).ToDictionary(part => part.Topic, part => part.Payload);
        var topics = new SiteTopics(PeopleDesk.Site);
        var announced = ring.ReadRegister(parts[topics.Register(list)].Span, out _, out var fault);
        Assert.True(announced is not null, fault);
        foreach (var file in announced.After(has?.Version))
        {
            byte[] bytes = [.. Enumerable.Range(0, file.Parts).SelectMany(part => parts[topics.RegisterPart(list, file, part)].ToArray())];
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            has = RegisterBytes.Read(new MemoryStream(bytes)).ApplyTo(has);
        }
        return has;
    }

    private static Gen<RegisterChange[]> Edits()
    {
        var entry = from person in Gen.Choose(0, 30) from unit in Gen.Choose(1, 4) select PeopleDesk.Resident(person, $"{unit}-1-101");
        var change = from put in entry.ListOf()
                     from removed in Gen.Choose(0, 30).ListOf()
                     from replaces in Gen.Frequency((1, Gen.Constant(true)), (4, Gen.Constant(false)))
                     let persons = put.DistinctBy(item => item.Person).ToArray()
                     select new RegisterChange(persons, replaces ? [] : [.. removed.Distinct().Select(PeopleDesk.Person).Except(persons.Select(item => item.Person))], replaces);
        return change.ArrayOf();
    }
}

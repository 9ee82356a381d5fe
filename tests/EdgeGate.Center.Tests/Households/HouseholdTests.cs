using EdgeGate.Access;
using EdgeGate.Center.Households;
using EdgeGate.Center.People;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Tests.People;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.Testing;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Center.Tests.Households;

[Collection(nameof(CenterDatabase))]
public sealed class HouseholdTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Units = ["3-1-502", "3-1-50", "3-1-5021", "4-1-502"]; // two begin like another
    private readonly ManualTime _time = new(Noon);
    private PeopleDesk _desk = null!;

    public async Task InitializeAsync() => _desk = PeopleDesk.Over(await server.NewAsync(), _time);

    public async Task DisposeAsync()
    {
        if (_desk is not null)
            await _desk.DisposeAsync();
    }

    [SkippableFact]
    public async Task Nothing_about_another_household_can_be_had_or_changed_whatever_number_is_tried()
    {
        await _desk.ListAsync([.. Units.Index().Select(item => (item.Index, item.Item))]);
        await PassAsync([.. Enumerable.Range(0, Units.Length)]);
        var households = new Dictionary<string, Household>();
        foreach (var (person, unit) in Units.Index())
        {
            households[unit] = await _desk.SignedInAsync(unit);
            await _desk.OpenFileAsync(person, unit);
            await _desk.View.ExpectAsync(households[unit], ExpectedKind.Visitor, $"visitor of {unit}", Noon, Noon.AddHours(2), CancellationToken.None);
        }
        var before = await StateAsync();

        foreach (var unit in Units)
        {
            var sight = await _desk.View.ReadAsync(households[unit], CancellationToken.None);
            Assert.Single(sight.Passages);
            Assert.Equal($"visitor of {unit}", Assert.Single(sight.Expected).Name);
            var own = (Assert.Single(await _desk.Files.OfHouseholdAsync(PeopleDesk.Site, unit, CancellationToken.None)).Id, Assert.Single(sight.Expected).Id);
            for (var id = -1L; id < 20; id++)
            {
                if (id != own.Item1)
                    Assert.False(await _desk.Files.MeasureAsync(id, new MeasureWords(36.5m, ""), unit, MeasureSource.Household, (PeopleDesk.Site, unit), CancellationToken.None));
                if (id != own.Item2)
                    Assert.False(await _desk.View.CancelAsync(households[unit], id, CancellationToken.None));
            }
        }
        Assert.Equal(before, await StateAsync());
    }

    [SkippableFact]
    public async Task A_unit_sees_the_passages_of_its_own_people_and_of_nobody_else_however_people_live()
    {
        var households = new List<Household>();
        foreach (var unit in Units)
            households.Add(await _desk.SignedInAsync(unit));
        await PassAsync([.. Enumerable.Range(0, 12)]);
        var homes = Gen.Sample(Gen.Choose(0, Units.Length).ListOf(12), 25, size: 12); // the last number: nowhere
        foreach (var where in homes)
        {
            var living = where.Index().Where(item => item.Item < Units.Length).Select(item => (item.Index, Units[item.Item])).ToArray();
            await _desk.ListAsync(living);
            foreach (var household in households)
            {
                var seen = (await _desk.View.ReadAsync(household, CancellationToken.None)).Passages;
                Assert.Equal(living.Where(person => person.Item2 == household.Unit).Select(person => Noon.AddMinutes(-person.Index)).OrderDescending(), seen.Select(passage => passage.At));
            }
        }
    }

    [SkippableFact]
    public async Task A_visitors_pass_gets_no_pin()
    {
        var household = await _desk.SignedInAsync("3-1-502");
        foreach (var kind in Enum.GetValues<ExpectedKind>())
        {
            var announced = await _desk.View.ExpectAsync(household, kind, "测试访客", Noon, Noon.AddHours(2), CancellationToken.None, kind is ExpectedKind.Delivery ? "parcel" : null);

            Assert.Null(await _desk.Households.GivePinAsync(PeopleDesk.Site, IdOf(announced!.PassText!), PeopleDesk.Officer, CancellationToken.None));
        }
        Assert.Equal(1, await _desk.AskAsync<long>("select count(*) from household_pin")); // the household's own
    }

    [SkippableFact]
    public async Task A_pass_that_is_no_residents_any_more_opens_nothing_with_its_pin()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");
        var cookie = Assert.IsType<HouseholdSignIn.Done>(await SignInAsync(pass.Id, pin)).Cookie;

        await _desk.DoAsync("update register_entry set terms = replace(terms, 'resident;', 'visitor;') where register = 'passes'");

        Assert.Null(await _desk.Households.FindAsync(cookie, CancellationToken.None));
        Assert.IsType<HouseholdSignIn.Wrong>(await SignInAsync(pass.Id, pin));
    }

    [SkippableFact]
    public async Task A_client_that_guesses_waits_twice_as_long_each_time_and_a_day_at_most()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");
        var phone = await SignedInPhoneAsync(pass, pin);
        for (var round = 0; round < 10; round++)
        {
            for (var number = 1; number < HouseholdAccess.TriesBeforeWait; number++)
                Assert.IsType<HouseholdSignIn.Wrong>(await SignInAsync(pass.Id, Wrong(pin), phone));
            var wait = Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(pass.Id, Wrong(pin), phone)).Until - _time.GetUtcNow();
            Assert.Equal(round < 7 ? HouseholdAccess.FirstWait * Math.Pow(2, round) : HouseholdAccess.LongestWait, wait);
            _time.Advance(wait - TimeSpan.FromSeconds(1));
            Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(pass.Id, pin, phone)); // not even the right one is looked at
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.IsType<HouseholdSignIn.Done>(await SignInAsync(pass.Id, pin, phone));
    }

    [SkippableFact]
    public async Task Whoever_pauses_for_days_gets_no_more_tries_by_it()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");
        var phone = await SignedInPhoneAsync(pass, pin);
        var waits = new List<TimeSpan>();
        for (var round = 0; round < 3; round++)
        {
            for (var number = 1; number < HouseholdAccess.TriesBeforeWait; number++)
                await SignInAsync(pass.Id, Wrong(pin), phone);
            waits.Add(Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(pass.Id, Wrong(pin), phone)).Until - _time.GetUtcNow());
            _time.Advance(HouseholdAccess.LongestWait * 3);
            await _desk.Retention.EnforceAsync(CancellationToken.None);
        }

        Assert.Equal([HouseholdAccess.FirstWait, HouseholdAccess.FirstWait * 2, HouseholdAccess.FirstWait * 4], waits);
    }

    [SkippableFact]
    public async Task Who_guesses_from_one_address_keeps_nobody_at_another_out()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");
        for (var number = 0; number < 40; number++)
            await SignInAsync(pass.Id, Wrong(pin), new HouseholdClient("192.0.2.66"));

        Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(pass.Id, pin, new HouseholdClient("192.0.2.66")));
        Assert.IsType<HouseholdSignIn.Done>(await SignInAsync(pass.Id, pin));
    }

    [SkippableFact]
    public async Task Who_guesses_from_any_number_of_addresses_gets_few_tries_and_never_locks_the_households_own_phone_out()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");
        var phone = await SignedInPhoneAsync(pass, pin);
        var looked = 0;
        for (var address = 0; address < 60; address++)
            looked += await SignInAsync(pass.Id, Wrong(pin), new HouseholdClient($"192.0.2.{address}")) is HouseholdSignIn.Wrong ? 1 : 0;

        Assert.Equal(HouseholdAccess.StrangersAtOnce, looked);
        var until = Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(pass.Id, pin, new HouseholdClient("192.0.2.200"))).Until;
        Assert.Equal(_time.GetUtcNow() + HouseholdAccess.OneMorePer, until);
        Assert.IsType<HouseholdSignIn.Done>(await SignInAsync(pass.Id, pin, phone));
        _time.Advance(HouseholdAccess.OneMorePer);
        Assert.IsType<HouseholdSignIn.Wrong>(await SignInAsync(pass.Id, Wrong(pin), new HouseholdClient("192.0.2.201")));
        Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(pass.Id, Wrong(pin), new HouseholdClient("192.0.2.202")));
        _time.Advance(HouseholdAccess.TriesAreKeptFor + TimeSpan.FromMinutes(1));
        await _desk.Retention.EnforceAsync(CancellationToken.None);
        Assert.Equal(0, await _desk.AskAsync<long>("select count(*) from household_client"));
    }

    [SkippableFact]
    public async Task A_phone_is_known_for_the_pin_it_signed_in_by_and_for_no_other_pass_or_pin()
    {
        var ((pass, pin), (other, otherPin)) = (await _desk.GivePassAsync("3-1-502"), await _desk.GivePassAsync("4-1-101"));
        var phone = await SignedInPhoneAsync(pass, pin);
        foreach (var (id, secret) in ((string, string)[])[(pass.Id, pin), (other.Id, otherPin)])
        {
            for (var address = 0; address < 60; address++)
                await SignInAsync(id, Wrong(secret), new HouseholdClient($"192.0.2.{address}"));
        }

        Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(other.Id, otherPin, phone));
        Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(pass.Id, pin, phone with { Device = phone.Device![..^1] + (phone.Device[^1] == 'A' ? 'E' : 'A') }));
        Assert.IsType<HouseholdSignIn.Done>(await SignInAsync(pass.Id, pin, phone));
        var fresh = (await _desk.Households.GivePinAsync(PeopleDesk.Site, pass.Id, PeopleDesk.Officer, CancellationToken.None))!;
        for (var address = 0; address < 60; address++)
            await SignInAsync(pass.Id, Wrong(fresh), new HouseholdClient($"192.0.2.{address}"));
        Assert.IsType<HouseholdSignIn.Locked>(await SignInAsync(pass.Id, fresh, phone));
    }

    [SkippableFact]
    public async Task A_hundred_guesses_at_once_are_not_one()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => SignInAsync(pass.Id, Wrong(pin))));

        Assert.Equal(HouseholdAccess.TriesBeforeWait - 1, answers.Count(answer => answer is HouseholdSignIn.Wrong));
        Assert.Equal(HouseholdAccess.TriesBeforeWait, await _desk.AskAsync<int>("select wrong from household_client"));
    }

    [SkippableFact]
    public async Task The_code_on_the_pass_opens_the_page_as_its_number_does_and_an_altered_or_foreign_one_does_not()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");
        await using var other = PeopleDesk.Over(await server.NewAsync(), _time);

        Assert.IsType<HouseholdSignIn.Done>(await SignInAsync(pass.Text, pin));
        Assert.IsType<HouseholdSignIn.Done>(await SignInAsync(pass.Id.ToLowerInvariant(), pin));
        Assert.IsType<HouseholdSignIn.Wrong>(await SignInAsync(pass.Text[..^2] + "AA", pin));
        Assert.IsType<HouseholdSignIn.Wrong>(await SignInAsync(PassText.Sign(new EdgeGatePass { Id = pass.Id, NotBefore = Noon, ExpiresAt = Noon.AddDays(1) }, other.Signer.Key), pin));
        Assert.IsType<HouseholdSignIn.Wrong>(await SignInAsync("ZZZZZZZZZZ", pin));
    }

    [SkippableFact]
    public async Task A_session_ends_with_its_time_its_pass_and_its_pin()
    {
        var cookies = new List<string>();
        var passes = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var (pass, pin) = await _desk.GivePassAsync("3-1-502");
            passes.Add(pass.Id);
            cookies.Add(((HouseholdSignIn.Done)await SignInAsync(pass.Id, pin)).Cookie);
        }
        await using (var connection = await _desk.Database.OpenConnectionAsync())
            Assert.Equal(1, await _desk.Passes.RevokeAsync(connection, PeopleDesk.Site, _desk.Passes.KeyOf(PeopleDesk.Site, passes[0]), PeopleDesk.Officer, CancellationToken.None));
        await _desk.Households.GivePinAsync(PeopleDesk.Site, passes[1], PeopleDesk.Officer, CancellationToken.None);

        Assert.Null(await _desk.Households.FindAsync(cookies[0], CancellationToken.None));
        Assert.Null(await _desk.Households.FindAsync(cookies[1], CancellationToken.None));
        Assert.NotNull(await _desk.Households.FindAsync(cookies[2], CancellationToken.None));
        _time.Advance(HouseholdAccess.SessionLife);
        Assert.Null(await _desk.Households.FindAsync(cookies[2], CancellationToken.None));
        Assert.Null(await _desk.Households.FindAsync(cookies[2][..^1] + "x", CancellationToken.None));
    }

    [SkippableFact]
    public async Task With_a_pass_that_is_called_back_go_the_visitors_it_announced_and_the_next_tenant_sees_nothing_of_them()
    {
        var (former, neighbour) = (await _desk.SignedInAsync("3-1-502"), await _desk.SignedInAsync("3-1-502"));
        var visitor = (await _desk.View.ExpectAsync(former, ExpectedKind.Visitor, "测试二", Noon.AddHours(1), Noon.AddHours(9), CancellationToken.None))!;
        var another = (await _desk.View.ExpectAsync(neighbour, ExpectedKind.Visitor, "测试三", Noon.AddHours(1), Noon.AddHours(9), CancellationToken.None))!;
        await PassAsync([]); // makes the gate
        await PeopleDesk.CommitAsync(_desk.NewStore(), new SampleGate(PeopleDesk.Site, "north", Noon).Decide(RegisterBook.Bytes(former.Pass), Outcome.Granted, at: Noon.AddMinutes(-1)));
        Assert.Single((await _desk.View.ReadAsync(neighbour, CancellationToken.None)).Passages);

        await using (var connection = await _desk.Database.OpenConnectionAsync())
            Assert.Equal(2, await _desk.Passes.RevokeAsync(connection, PeopleDesk.Site, former.Pass, PeopleDesk.Officer, CancellationToken.None));

        var revoked = (await _desk.Book.LoadAsync(PeopleDesk.Site, "revoked-passes", CancellationToken.None))!.Persons;
        Assert.NotNull(revoked.Find(_desk.Passes.KeyOf(PeopleDesk.Site, IdOf(visitor.PassText!))));
        Assert.Null(revoked.Find(_desk.Passes.KeyOf(PeopleDesk.Site, IdOf(another.PassText!))));
        var sight = await _desk.View.ReadAsync(neighbour, CancellationToken.None);
        Assert.Equal(another.Id, Assert.Single(sight.Expected).Id);
        Assert.Empty(sight.Passages);
    }

    [SkippableFact]
    public async Task A_visitor_that_is_announced_has_a_pass_gates_take_and_one_called_off_has_none()
    {
        var household = await _desk.SignedInAsync("3-1-502");

        var visitor = (await _desk.View.ExpectAsync(household, ExpectedKind.Visitor, "测试二", Noon.AddHours(1), Noon.AddDays(9), CancellationToken.None))!;

        var verifier = new HealthCodeVerifier(new TrustStore([]), new HealthCodeOptions { PassKeys = [PassKey.FromPem(_desk.Signer.Key.ExportSubjectPublicKeyInfoPem())], PassRegister = new NoUses() });
        var result = verifier.Verify(visitor.PassText!, new VerificationMoment(Noon.AddHours(2), ClockTrusted: true));
        Assert.Equal(HealthCodeStatus.Valid, result.Status);
        Assert.Equal((2, Noon.AddHours(1) + HouseholdView.LongestVisit), (result.Pass!.Uses, result.Pass.ExpiresAt));
        Assert.True(result.Pass.Opens(["north", EdgeGatePass.EveryGateOf(PeopleDesk.Site)], PassDirections.Entry));
        Assert.False(result.Pass.Opens(["north", EdgeGatePass.EveryGateOf("another")], PassDirections.Entry));
        var key = _desk.Passes.KeyOf(PeopleDesk.Site, result.Pass.Id);
        Assert.Equal("3-1-502", (await _desk.Book.FindAsync(PeopleDesk.Site, "passes", key, CancellationToken.None))!.Unit);
        Assert.True(await _desk.View.CancelAsync(household, visitor.Id, CancellationToken.None));
        Assert.NotNull((await _desk.Book.LoadAsync(PeopleDesk.Site, "revoked-passes", CancellationToken.None))!.Persons.Find(key));
    }

    [SkippableFact]
    public async Task A_delivery_goes_to_the_gates_as_a_word_and_a_masked_name_and_what_guards_note_of_it_is_shown_to_that_household_alone()
    {
        var (household, neighbour) = (await _desk.SignedInAsync("3-1-502"), await _desk.SignedInAsync("3-1-503"));
        await _desk.DoAsync("insert into gate (site, name, added_at) values ('estate', 'north', now())");
        var expected = (await _desk.View.ExpectAsync(household, ExpectedKind.Delivery, "测试快递", Noon, Noon.AddHours(2), CancellationToken.None, "bulky"))!;
        await _desk.View.ExpectAsync(neighbour, ExpectedKind.Delivery, "测试外卖", Noon, Noon.AddHours(2), CancellationToken.None, "meal");
        var pass = new Access.Registers.PersonKey((await _desk.AskAsync<byte[]>("select pass from announcement where id = $1", expected.Id))!);
        var entry = (await _desk.Book.FindAsync(PeopleDesk.Site, "passes", pass, CancellationToken.None))!;
        Assert.Equal(("delivery", "bulky", "测***", "3-1-502"), (entry.Terms.Status, Assert.Single(entry.Terms.Tags).Name, entry.MaskedName, entry.Unit));

        var (gate, store, id) = (new SampleGate(PeopleDesk.Site, "north", Noon), _desk.NewStore(), Messages.Registers.Announcements.IdOf(PeopleDesk.Persons, pass));
        await PeopleDesk.CommitAsync(store, gate.Write("edgegate.delivery.v1", $$"""{"delivery":"{{id}}","building":"3","slot":2,"state":"arrived"}"""));
        Assert.Equal(("arrived", "bulky"), (await SeenAsync(household) is var seen ? seen.State : null, seen.What));
        Assert.Null((await SeenAsync(neighbour)).State);

        _time.Advance(TimeSpan.FromHours(3)); // its time is over, and it stands there
        await PeopleDesk.CommitAsync(store, gate.Write("edgegate.delivery.v1", $$"""{"delivery":"{{id}}","building":"3","state":"collected"}"""));
        Assert.Equal(("collected", true), (await SeenAsync(household) is var last ? last.State : null, last.IsOver));
        Assert.Empty((await _desk.View.ReadAsync(neighbour, CancellationToken.None)).Expected);

        async Task<Expected> SeenAsync(Household who) => Assert.Single((await _desk.View.ReadAsync(who, CancellationToken.None)).Expected);
    }

    [SkippableFact]
    public async Task A_delivery_that_came_at_one_gate_is_expected_at_no_other_and_its_pass_stays_good()
    {
        var household = await _desk.SignedInAsync("3-1-502");
        await _desk.DoAsync("insert into gate (site, name, added_at) values ('estate', 'north', now()), ('elsewhere', 'north', now())");
        foreach (var name in new[] { "测试快递", "测试外卖" })
            await _desk.View.ExpectAsync(household, ExpectedKind.Delivery, name, Noon, Noon.AddHours(2), CancellationToken.None, "parcel");
        var (watch, store) = (new DeliveryWatch(_desk.Database, _desk.Passes, _time, NullLogger<DeliveryWatch>.Instance), _desk.NewStore());
        var passes = (await _desk.Book.LoadAsync(PeopleDesk.Site, "passes", CancellationToken.None))!.Persons.Entries.Where(entry => entry.Terms.Status == "delivery").Select(entry => entry.Person).ToArray();
        var ids = passes.Select(pass => Messages.Registers.Announcements.IdOf(PeopleDesk.Persons, pass)).ToArray();
        var (north, elsewhere) = (new SampleGate(PeopleDesk.Site, "north", Noon), new SampleGate("elsewhere", "north", Noon));

        await PeopleDesk.CommitAsync(
            store, north.Write("edgegate.delivery.v1", $$"""{"delivery":"{{ids[0]}}","building":"3","slot":2,"state":"arrived"}"""),
            elsewhere.Write("edgegate.delivery.v1", $$"""{"delivery":"{{ids[1]}}","building":"3","slot":2,"state":"arrived"}"""));
        await watch.LookAsync(CancellationToken.None);
        await watch.LookAsync(CancellationToken.None);

        var list = (await _desk.Book.LoadAsync(PeopleDesk.Site, "passes", CancellationToken.None))!;
        Assert.Equal((4, "parcel,noted", "parcel"), (list.Version, TagsOf(passes[0]), TagsOf(passes[1]))); // the household's own pass, two announced, one noted: each a version
        Assert.Null(await _desk.Book.LoadAsync(PeopleDesk.Site, "revoked-passes", CancellationToken.None));
        Assert.Equal(["announced", "arrived"], (await _desk.View.ReadAsync(household, CancellationToken.None)).Expected.Select(expected => expected.State ?? "announced").Order(StringComparer.Ordinal));
        for (var expected = 1; expected < HouseholdView.MostExpected; expected++) // what came does not count among what is expected
            Assert.NotNull(await _desk.View.ExpectAsync(household, ExpectedKind.Delivery, "测试快递", Noon, Noon.AddHours(2), CancellationToken.None, "meal"));

        string TagsOf(Access.Registers.PersonKey pass) => string.Join(',', list.Persons.Find(pass)!.Terms.Tags);
    }

    [SkippableFact]
    public async Task Deliveries_that_gates_noted_between_two_looks_are_one_version_of_each_sites_list()
    {
        var (household, neighbour) = (await _desk.SignedInAsync("3-1-502"), await _desk.SignedInAsync("3-1-503"));
        await _desk.DoAsync("insert into gate (site, name, added_at) values ('estate', 'north', now())");
        foreach (var who in new[] { household, neighbour })
        {
            for (var expected = 0; expected < HouseholdView.MostExpected; expected++)
                await _desk.View.ExpectAsync(who, ExpectedKind.Delivery, "测试快递", Noon, Noon.AddHours(2), CancellationToken.None, "parcel");
        }
        var announced = (await _desk.Book.LoadAsync(PeopleDesk.Site, "passes", CancellationToken.None))!;
        var gate = new SampleGate(PeopleDesk.Site, "north", Noon);
        await PeopleDesk.CommitAsync(_desk.NewStore(), [.. announced.Persons.Entries.Where(entry => entry.Terms.Status == "delivery").Select(entry => gate.Write(
            "edgegate.delivery.v1", $$"""{"delivery":"{{Messages.Registers.Announcements.IdOf(PeopleDesk.Persons, entry.Person)}}","building":"3","slot":2,"state":"arrived"}"""))]);
        using var watch = new DeliveryWatch(_desk.Database, _desk.Passes, _time, NullLogger<DeliveryWatch>.Instance);

        await Task.WhenAll(watch.LookAsync(CancellationToken.None), watch.LookAsync(CancellationToken.None)); // two processes
        await watch.LookAsync(CancellationToken.None);

        var list = (await _desk.Book.LoadAsync(PeopleDesk.Site, "passes", CancellationToken.None))!;
        Assert.Equal(announced.Version + 1, list.Version);
        Assert.Equal(2 * HouseholdView.MostExpected, list.Persons.Entries.Count(entry => entry.Terms.Tags.Any(tag => tag.Name == "noted")));
    }

    [SkippableFact]
    public async Task Whom_a_pass_led_to_is_known_as_long_as_its_passages_and_who_it_was_much_shorter()
    {
        var household = await _desk.SignedInAsync("3-1-502");
        await _desk.View.ExpectAsync(household, ExpectedKind.Visitor, "测试二", Noon, Noon.AddHours(1), CancellationToken.None);

        _time.Advance(TimeSpan.FromDays(15));
        await _desk.Retention.EnforceAsync(CancellationToken.None);
        Assert.Equal("3-1-502 0", await _desk.AskAsync<string>("select unit || ' ' || length(sealed) from announcement"));
        _time.Advance(TimeSpan.FromDays(170));
        await _desk.Retention.EnforceAsync(CancellationToken.None);
        Assert.Equal(0, await _desk.AskAsync<long>("select count(*) from announcement"));
    }

    [SkippableFact]
    public async Task A_household_expects_so_many_at_once_and_nobody_in_a_month()
    {
        var household = await _desk.SignedInAsync("3-1-502");
        for (var i = 0; i < HouseholdView.MostExpected; i++)
            Assert.NotNull(await _desk.View.ExpectAsync(household, ExpectedKind.Delivery, "parcel", Noon, Noon.AddHours(1), CancellationToken.None));

        Assert.Null(await _desk.View.ExpectAsync(household, ExpectedKind.Delivery, "parcel", Noon, Noon.AddHours(1), CancellationToken.None));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Null(await _desk.View.ExpectAsync(household, ExpectedKind.Visitor, "测试二", Noon.AddDays(30), Noon.AddDays(31), CancellationToken.None));
        Assert.NotNull(await _desk.View.ExpectAsync(household, ExpectedKind.Visitor, "测试二", Noon.AddDays(1), Noon.AddDays(1).AddHours(1), CancellationToken.None));
    }

    [SkippableFact]
    public async Task Announcing_and_calling_off_again_and_again_does_not_fill_the_lists_of_every_gate()
    {
        var household = await _desk.SignedInAsync("3-1-502");
        for (var i = 0; i < 3 * HouseholdView.MostADay; i++)
        {
            if (await _desk.View.ExpectAsync(household, ExpectedKind.Visitor, "测试二", Noon, Noon.AddHours(1), CancellationToken.None) is { } expected)
                Assert.True(await _desk.View.CancelAsync(household, expected.Id, CancellationToken.None));
        }

        Assert.Equal(HouseholdView.MostADay, await _desk.AskAsync<int>("select persons from register where name = 'revoked-passes'"));
        Assert.Empty((await _desk.View.ReadAsync(household, CancellationToken.None)).Expected);
        _time.Advance(TimeSpan.FromHours(25));
        Assert.NotNull(await _desk.View.ExpectAsync(household, ExpectedKind.Visitor, "测试二", _time.GetUtcNow(), _time.GetUtcNow().AddHours(1), CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_household_enters_so_many_measures_a_day_and_an_officer_more()
    {
        var file = (long)(await _desk.OpenFileAsync())!;
        for (var i = 0; i < 30; i++, _time.Advance(TimeSpan.FromMinutes(1)))
            Assert.Equal(i < PersonFiles.MostOfHouseholdADay, await _desk.Files.MeasureAsync(file, new MeasureWords(36.5m, ""), "household", MeasureSource.Household, (PeopleDesk.Site, "3-1-502"), CancellationToken.None));
        Assert.True(await _desk.Files.MeasureAsync(file, new MeasureWords(38.5m, ""), "officer-1", MeasureSource.Officer, household: null, CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_site_whose_key_is_not_there_yet_keeps_nobody_of_another_out()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");
        var keys = new EdgeGate.Center.Registers.SiteKeys([new("new", "/nowhere/site.key"), new(PeopleDesk.Site, _desk.SiteKeyFile)]);
        var desk = new EdgeGate.Center.Registers.PassDesk(_desk.Book, _desk.Signer, keys, _time);
        var access = new HouseholdAccess(_desk.Database, desk, _desk.Signer, keys, _desk.Key, _desk.Audit, _time);

        Assert.IsType<HouseholdSignIn.Done>(await access.SignInAsync(pass.Id, pin, PeopleDesk.Somewhere, CancellationToken.None));
    }

    [SkippableFact]
    public async Task With_one_connection_to_the_database_a_household_still_gets_in_and_out()
    {
        var (pass, pin) = await _desk.GivePassAsync("3-1-502");
        await using var narrow = Npgsql.NpgsqlDataSource.Create(_desk.Database.ConnectionString + ";Maximum Pool Size=1;Timeout=30");
        var book = new EdgeGate.Center.Registers.RegisterBook(narrow, _desk.Audit, _time, _desk.Key);
        var desk = new EdgeGate.Center.Registers.PassDesk(book, _desk.Signer, _desk.Keys, _time);
        var access = new HouseholdAccess(narrow, desk, _desk.Signer, _desk.Keys, _desk.Key, _desk.Audit, _time);
        var view = new HouseholdView(narrow, desk, _desk.Key, _time);

        var household = (await access.FindAsync(Assert.IsType<HouseholdSignIn.Done>(await access.SignInAsync(pass.Id, pin, PeopleDesk.Somewhere, CancellationToken.None)).Cookie, CancellationToken.None))!;
        var visitor = (await view.ExpectAsync(household, ExpectedKind.Visitor, "测试二", Noon, Noon.AddHours(1), CancellationToken.None))!;
        Assert.True(await view.CancelAsync(household, visitor.Id, CancellationToken.None));
    }

    [SkippableFact]
    public async Task Who_lives_there_sees_each_pin_that_opens_the_page_of_their_home()
    {
        var household = await _desk.SignedInAsync("3-1-502");
        _time.Advance(TimeSpan.FromMinutes(1));
        await _desk.GivePassAsync("3-1-502"); // somebody at the desk, for themselves
        await _desk.GivePassAsync("4-1-502");

        Assert.Equal([(Noon.AddMinutes(1), "officer-1"), (Noon, "officer-1")], (await _desk.View.ReadAsync(household, CancellationToken.None)).Pins);
    }

    [SkippableFact]
    public async Task The_last_disinfection_notices_and_deliveries_are_those_of_the_own_building()
    {
        var (three, four) = (await _desk.SignedInAsync("3-1-502"), await _desk.SignedInAsync("4-1-502"));
        await _desk.DoAsync("insert into gate (site, name, added_at) values ('estate', 'north', now())");
        await _desk.DoAsync("insert into notice (site, building, text, made_by, at, until) values ('estate', '', 'to all', 'm', $1, $2), ('estate', '3', 'to three', 'm', $1, $2), ('estate', '', 'over', 'm', $3, $3)", Noon, Noon.AddDays(1), Noon.AddDays(-1));
        var gate = new SampleGate(PeopleDesk.Site, "north", Noon);
        await PeopleDesk.CommitAsync(
            _desk.NewStore(), gate.Write("edgegate.round.v1", """{"building":"3-","place":"stairs","task":"disinfection","enteredAt":"2026-11-22T09:00:00Z"}""", Noon.AddHours(-2)), gate.Write("edgegate.round.v1", """{"building":"3","place":"stairs","task":"patrol"}""", Noon.AddHours(-1)),
            gate.Write("edgegate.delivery.v1", """{"delivery":"d1","building":"3","slot":2,"state":"arrived"}""", Noon.AddHours(-2)), gate.Write("edgegate.delivery.v1", """{"delivery":"d1","building":"3","slot":2,"state":"collected"}""", Noon.AddHours(-1)));

        var (atThree, atFour) = (await _desk.View.ReadAsync(three, CancellationToken.None), await _desk.View.ReadAsync(four, CancellationToken.None));

        Assert.Equal((Noon.AddHours(-3), null), (atThree.DisinfectedAt, atFour.DisinfectedAt));
        Assert.Equal(["to all", "to three"], atThree.Notices.Order(StringComparer.Ordinal));
        Assert.Equal("to all", Assert.Single(atFour.Notices));
        Assert.Equal((2, "collected"), (Assert.Single(atThree.Deliveries).Slot, atThree.Deliveries[0].State));
        Assert.Empty(atFour.Deliveries);
    }

    private Task<HouseholdSignIn> SignInAsync(string pass, string pin, HouseholdClient? from = null) => _desk.Households.SignInAsync(pass, pin, from ?? PeopleDesk.Somewhere, CancellationToken.None);

    private async Task<HouseholdClient> SignedInPhoneAsync(EdgeGate.Center.Registers.IssuedPass pass, string pin) =>
        PeopleDesk.Somewhere with { Device = Assert.IsType<HouseholdSignIn.Done>(await SignInAsync(pass.Id, pin)).Device };

    private string IdOf(string passText) =>
        new HealthCodeVerifier(new TrustStore([]), new HealthCodeOptions { PassKeys = [PassKey.FromPem(_desk.Signer.Key.ExportSubjectPublicKeyInfoPem())] })
            .Verify(passText, new VerificationMoment(Noon, ClockTrusted: true)).Pass!.Id;

    private static string Wrong(string pin) => (pin[0] == '0' ? '1' : '0') + pin[1..];

    /// <summary>Each person once, a minute before the one before.</summary>
    private async Task PassAsync(int[] persons)
    {
        await _desk.DoAsync("insert into gate (site, name, added_at) values ('estate', 'north', now()) on conflict do nothing");
        var gate = new SampleGate(PeopleDesk.Site, "north", Noon);
        await PeopleDesk.CommitAsync(_desk.NewStore(), [.. persons.Select(person => gate.Decide(person, at: Noon.AddMinutes(-person)))]);
    }

    private Task<string?> StateAsync() => _desk.AskAsync<string>(
        "select (select string_agg(a::text, ' ' order by id) from announcement a) || (select count(*) from person_measure) || (select string_agg(r::text, ' ' order by name) from register r)");

    private sealed class NoUses : IPassRegister
    {
        public bool? IsRevoked(string passId) => false;
        public int UsesOf(string passId) => 0;
        public byte[]? TotpSecret(string name) => null;
    }
}

using System.Security.Cryptography;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Households;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.People;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.Messages.Privacy;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Center.Tests.People;

/// <summary>Everything about lists, files and households over one database and one clock, with keys of its own.</summary>
internal sealed class PeopleDesk : IAsyncDisposable
{
    public const string Site = "estate";
    public static readonly byte[] SiteSecret = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];
    public static readonly byte[] DataSecret = [.. Enumerable.Range(101, 32).Select(number => (byte)number)];
    private readonly string _siteKeyFile = Path.GetTempFileName();

    private PeopleDesk(NpgsqlDataSource database, ManualTime time)
    {
        File.WriteAllText(_siteKeyFile, Convert.ToBase64String(SiteSecret));
        (Database, Time, Audit, Key) = (database, time, new Audit(time), new DataKey(DataSecret));
        Keys = new SiteKeys([new SiteSettings(Site, _siteKeyFile)]);
        Book = new RegisterBook(database, Audit, time, Key);
        Signer = new PassSigner(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        Passes = new PassDesk(Book, Signer, Keys, time);
        Files = new PersonFiles(database, Audit, time, Key);
        Households = new HouseholdAccess(database, Passes, Signer, Keys, Key, Audit, time);
        View = new HouseholdView(database, Passes, Key, time);
        Retention = new PeopleRetention(database, Book, new RetentionSettings(), time);
    }

    /// <param name="database">Is disposed with it.</param>
    public static PeopleDesk Over(NpgsqlDataSource database, ManualTime time) => new(database, time);

    public string SiteKeyFile => _siteKeyFile;
    public NpgsqlDataSource Database { get; }
    public ManualTime Time { get; }
    public Audit Audit { get; }
    public DataKey Key { get; }
    public SiteKeys Keys { get; }
    public RegisterBook Book { get; }
    public PassSigner Signer { get; }
    public PassDesk Passes { get; }
    public PersonFiles Files { get; }
    public HouseholdAccess Households { get; }
    public HouseholdView View { get; }
    public PeopleRetention Retention { get; }
    public static HouseholdClient Somewhere { get; } = new("192.0.2.1");
    public static PersonKeys Persons { get; } = new(SiteSecret);
    public static Asker Officer { get; } = Asker.Of("officer-1", "a test of it", out _)!;

    public RecordStore NewStore() => new(Database, new Partitions(Database, Time), new LaneIds(), new IngestCounters(), Time, keptDays: 180);

    public static PersonKey Person(int number) => new(Ingest.SampleGate.Person(number));

    public static RegisterEntry Resident(int person, string unit) => new(Person(person), "测**", unit, new PersonTerms("resident"));

    public Task<RegisterResult> ListAsync(params (int Person, string Unit)[] residents) => Book.ChangeAsync(
        Site, RegisterBook.Residents, new RegisterChange([.. residents.Select(resident => Resident(resident.Person, resident.Unit))], [], ReplacesAll: true), Officer, CancellationToken.None);

    /// <summary>A pass of a unit, and its PIN.</summary>
    public async Task<(IssuedPass Pass, string Pin)> GivePassAsync(string unit)
    {
        var now = Time.GetUtcNow();
        await using var connection = await Database.OpenConnectionAsync();
        var pass = await Passes.IssueAsync(connection, new PassTerms(Site, unit, "测试一", "resident", now, now.AddDays(90)), Officer, CancellationToken.None);
        return (pass, (await Households.GivePinAsync(Site, pass.Id, Officer, CancellationToken.None))!);
    }

    public async Task<Household> SignedInAsync(string unit)
    {
        var (pass, pin) = await GivePassAsync(unit);
        var done = Assert.IsType<HouseholdSignIn.Done>(await Households.SignInAsync(pass.Id, pin, Somewhere, CancellationToken.None));
        return (await Households.FindAsync(done.Cookie, CancellationToken.None))!;
    }

    public Task<long?> OpenFileAsync(int person = 1, string unit = "3-1-502", FileKind kind = FileKind.Quarantine, int days = 14) => Files.OpenAsync(
        new NewFile(Site, Ingest.SampleGate.Person(person), "测**", unit, kind, Time.GetUtcNow().AddDays(days), new FileDetails("测试一", "13800009999", "came from elsewhere")), Officer, CancellationToken.None);

    public async Task<T?> AskAsync<T>(string sql, params object?[] arguments)
    {
        await using var connection = await Database.OpenConnectionAsync();
        return await connection.Sql(sql, arguments).ScalarAsync<T>(CancellationToken.None);
    }

    public async Task DoAsync(string sql, params object?[] arguments)
    {
        await using var connection = await Database.OpenConnectionAsync();
        await connection.Sql(sql, arguments).RunAsync(CancellationToken.None);
    }

    public static async Task CommitAsync(RecordStore store, params MqttInbound[] messages) => await store.CommitAsync(Intake.Read(messages), CancellationToken.None);

    public static string IdNumber(string first17) =>
        Enumerable.Range(0, 11).Select(check => first17 + "0123456789X"[check]).Single(number => CitizenNumber.TryParse(number, out var citizen) && citizen.HasValidCheckDigit);

    public async ValueTask DisposeAsync()
    {
        Signer.Key.Dispose();
        File.Delete(_siteKeyFile);
        await Database.DisposeAsync();
    }
}

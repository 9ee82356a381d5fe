using EdgeGate.Access.Registers;

namespace EdgeGate.Access.Tests.Registers;

/// <summary>Requests of invented persons who are on lists.</summary>
internal static class TestRequests
{
    // Invented: region 999999 is nowhere; the check digits are right.
    public const string Number = "999999190001010015";

    /// <summary>A Tuesday noon.</summary>
    public static readonly DateTimeOffset Noon = new(2022, 3, 1, 12, 0, 0, TimeSpan.FromHours(8));

    public static PersonKey Key(int number)
    {
        Span<byte> bytes = stackalloc byte[PersonKey.Length];
        new Random(number).NextBytes(bytes); // spread like hashes
        return new PersonKey(bytes);
    }

    public static RegisterEntry Entry(string terms = "resident;;;;", string unit = "3-1-502", int person = 1)
    {
        Assert.True(PersonTerms.TryParse(terms, out var parsed), terms);
        return new RegisterEntry(Key(person), "测**", unit, parsed);
    }

    public static ClockReading Clock(DateTimeOffset? wall = null, ClockGrade grade = ClockGrade.Synchronised) => new(wall ?? Noon, TimeSpan.FromHours(1), Guid.Empty, grade);

    public static AccessRequest Leaving(DateTimeOffset? at = null, ClockGrade grade = ClockGrade.Synchronised) => Request(Direction.Exit, at, grade);

    public static AccessRequest Entering(DateTimeOffset? at = null, ClockGrade grade = ClockGrade.Synchronised) => Request(Direction.Entry, at, grade);

    /// <summary>The person is on this list; null when the list is there and does not have them.</summary>
    public static AccessRequest Listed(this AccessRequest request, string list, RegisterEntry? entry, TimeSpan? age = null) =>
        request with { Listings = [.. request.Listings, new Listing(list, Version: 1, age ?? TimeSpan.FromHours(1), entry)] };

    /// <summary>Known by the list of residents.</summary>
    public static AccessRequest Known(this AccessRequest request, RegisterEntry? entry = null) =>
        request.Listed("residents", entry ?? Entry()) with { Person = entry ?? Entry() };

    public static AccessRequest Showing(this AccessRequest request, Credential credential) =>
        request with { Presentation = new Presentation("reader-1", credential, request.At) };

    private static AccessRequest Request(Direction direction, DateTimeOffset? at, ClockGrade grade)
    {
        var card = new Credential.IdCard(Number, "测试一", new(2020, 1, 1), null, LongTerm: true);
        return new(new Presentation("reader-1", card, Clock(at, grade)), direction, null, Clock(at, grade));
    }
}

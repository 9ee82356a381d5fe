using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Visitors;

/// <summary>What comes of asking for a pass.</summary>
internal abstract record PassAnswer
{
    /// <param name="Text">What its code says.</param>
    public sealed record Made(EdgeGatePass Pass, string Text, Visitor Visitor) : PassAnswer;
    public sealed record Failed(DeskAnswer Why) : PassAnswer;
}

/// <summary>Makes passes for visitors who were checked in, with a key of this gate's own.</summary>
/// <param name="settings">Null where guards make no passes.</param>
/// <param name="watched">Lists of those who get none: a pass is a person of its own to the rules, so no list would know who shows it.</param>
/// <param name="issued">Where passes that were issued are listed; null where the center keeps that list.</param>
internal sealed partial class PassDesk(
    string gate, string file, VisitorPassSettings? settings, IssuedPasses? issued, IReadOnlyList<string> watched, RegisterShelf shelf, PersonKeys persons, GuardDesk desk, VisitorBook book, GateClock clock, ILogger<PassDesk> log) : IDisposable
{
    /// <summary>So many are shown again to whoever asks with the same form; longer than anybody keeps touching the same button.</summary>
    public const int MostShownAgain = 50;

    // Not what the codes say: whoever reads the file could show them. Number and signature are made again.
    private readonly KeptList<MadePass> _made = new(file, () => PassFileShapes.Default.MadePassArray, log);
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public bool CanIssue => settings is not null;

    public void Dispose() => _oneAtATime.Dispose();

    /// <param name="form">Made by the phone. The same form twice is one pass, shown again, through restarts: a button touched twice, or an answer that was lost on its way.</param>
    public async Task<PassAnswer> IssueAsync(GuardSession session, Guid visitorId, Guid form)
    {
        await _oneAtATime.WaitAsync(CancellationToken.None);
        try
        {
            return await TryIssueAsync(session, visitorId, form);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<PassAnswer> TryIssueAsync(GuardSession session, Guid visitorId, Guid form)
    {
        var made = _made.All.FirstOrDefault(made => made.Form == form && made.Visitor == visitorId);
        if (settings is null)
            return Failed("not-here");
        if (book.Find(visitorId) is not { } visitor || (made is null && visitor.State is not VisitorState.Inside))
            return Failed("unknown-person");
        if (made is null && IsWatched(visitor))
            return Failed("watched");
        if (made is null && clock.Read().Grade is ClockGrade.Unset)
            return Failed("clock-not-set"); // its dates would be those of another year
        var now = clock.Read().Wall;
        var terms = made ?? new MadePass(form, visitorId, now, now + settings.GoodFor);
        var pass = new EdgeGatePass { Id = NumberOf(form, visitorId), NotBefore = terms.NotBefore, ExpiresAt = terms.ExpiresAt, Gates = [gate] };
        try
        {
            var answer = new PassAnswer.Made(pass, await SignAsync(pass, settings.KeyFile), visitor);
            if (made is not null)
                return answer;
            issued?.Add([(pass, visitor.MaskedName, visitor.Unit)], session.Guard, now);
            var action = new GuardAction(GuardActionKind.PassIssued) { Person = visitor.Person, MaskedName = visitor.MaskedName, Pass = persons.KeyOf("code", pass.Id) };
            if (await desk.RecordAsync(session, action) is null)
                return new PassAnswer.Failed(new DeskAnswer.NotRecorded());
            Keep(terms);
            return answer;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or InvalidDataException)
        {
            LogNotMade(unusable);
            return Failed("no-pass");
        }
    }

    /// <summary>Also where it cannot be told, because a list is damaged.</summary>
    private bool IsWatched(Visitor visitor) => PersonKey.TryParse(visitor.Person, out var person) && watched.Any(list => shelf.IsOn(list, person) is not false);

    /// <summary>By the form: what was on record when the power went, and not in the file yet, is the same pass when the form comes again.</summary>
    private string NumberOf(Guid form, Guid visitor) => EdgeGatePass.IdOf(Base64Url.DecodeFromChars(persons.KeyOf("visitor-pass", $"{gate}/{visitor:N}/{form:N}")));

    private static async Task<string> SignAsync(EdgeGatePass pass, string keyFile)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(keyFile));
        return PassText.Sign(pass, key);
    }

    /// <summary>What is on record is done, also when the form would be a new one to the next start.</summary>
    private void Keep(MadePass made)
    {
        try
        {
            _made.Change(all => [.. all.TakeLast(MostShownAgain - 1), made]);
        }
        catch (IOException unwritable)
        {
            LogNotKept(unwritable);
        }
    }

    private static PassAnswer.Failed Failed(string word) => new(new DeskAnswer.Refused(word));

    [LoggerMessage(LogLevel.Error, "No pass could be made for a visitor")]
    private partial void LogNotMade(Exception cause);

    [LoggerMessage(LogLevel.Error, "That a pass was made could not be kept: asked for once more, it is listed and on record once more, under the same number")]
    private partial void LogNotKept(Exception cause);
}

/// <summary>A form that was answered with a pass. Without its number, which the gate alone can make.</summary>
internal sealed record MadePass(Guid Form, Guid Visitor, DateTimeOffset NotBefore, DateTimeOffset ExpiresAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MadePass[]))]
internal sealed partial class PassFileShapes : JsonSerializerContext;

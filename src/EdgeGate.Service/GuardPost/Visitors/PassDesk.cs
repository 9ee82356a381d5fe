using System.Security.Cryptography;
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
/// <param name="issued">Where passes that were issued are listed; null where the center keeps that list.</param>
internal sealed partial class PassDesk(
    string gate, VisitorPassSettings? settings, IssuedPasses? issued, PersonKeys persons, GuardDesk desk, VisitorBook book, GateClock clock, ILogger<PassDesk> log)
{
    public bool CanIssue => settings is not null;

    public async Task<PassAnswer> IssueAsync(GuardSession session, Guid visitorId)
    {
        if (settings is null)
            return Failed("not-here");
        if (book.Find(visitorId) is not { State: VisitorState.Inside } visitor)
            return Failed("unknown-person");
        var now = clock.Read().Wall;
        var pass = new EdgeGatePass { Id = EdgeGatePass.NewId(), NotBefore = now, ExpiresAt = now + settings.GoodFor, Gates = [gate] };
        string text;
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(await File.ReadAllTextAsync(settings.KeyFile));
            text = PassText.Sign(pass, key);
            issued?.Add([(pass, visitor.MaskedName, visitor.Unit)], session.Guard, now);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or InvalidDataException)
        {
            LogNotMade(unusable);
            return Failed("no-pass");
        }
        var action = new GuardAction(GuardActionKind.PassIssued) { Person = visitor.Person, MaskedName = visitor.MaskedName, Pass = persons.KeyOf("code", pass.Id) };
        return await desk.RecordAsync(session, action) is null ? new PassAnswer.Failed(new DeskAnswer.NotRecorded()) : new PassAnswer.Made(pass, text, visitor);
    }

    private static PassAnswer.Failed Failed(string word) => new(new DeskAnswer.Refused(word));

    [LoggerMessage(LogLevel.Error, "No pass could be made for a visitor")]
    private partial void LogNotMade(Exception cause);
}

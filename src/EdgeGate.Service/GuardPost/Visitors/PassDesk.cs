using System.Collections.Immutable;
using System.Security.Cryptography;
using EdgeGate.Access;
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
    string gate, VisitorPassSettings? settings, IssuedPasses? issued, PersonKeys persons, GuardDesk desk, VisitorBook book, GateClock clock, ILogger<PassDesk> log) : IDisposable
{
    /// <summary>So many are shown again to whoever asks with the same form; longer than anybody keeps touching the same button.</summary>
    private const int MostShownAgain = 50;

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private ImmutableArray<(Guid Form, PassAnswer.Made Pass)> _made = [];

    public bool CanIssue => settings is not null;

    public void Dispose() => _oneAtATime.Dispose();

    /// <param name="form">Made by the phone. The same form twice is one pass, shown again: a button touched twice, or an answer that was lost on its way.</param>
    public async Task<PassAnswer> IssueAsync(GuardSession session, Guid visitorId, Guid form)
    {
        await _oneAtATime.WaitAsync(CancellationToken.None);
        try
        {
            if (_made.FirstOrDefault(made => made.Form == form && made.Pass.Visitor.Id == visitorId) is { Pass: { } again })
                return again;
            var answer = await IssueAsync(session, visitorId);
            if (answer is PassAnswer.Made pass)
                _made = [.. _made.TakeLast(MostShownAgain - 1), (form, pass)];
            return answer;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<PassAnswer> IssueAsync(GuardSession session, Guid visitorId)
    {
        if (settings is null)
            return Failed("not-here");
        if (book.Find(visitorId) is not { State: VisitorState.Inside } visitor)
            return Failed("unknown-person");
        if (clock.Read() is not { Grade: not ClockGrade.Unset, Wall: var now })
            return Failed("clock-not-set"); // its dates would be those of another year
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

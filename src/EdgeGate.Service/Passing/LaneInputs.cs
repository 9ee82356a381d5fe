using System.Threading.Channels;
using EdgeGate.Access;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Passing;

/// <summary>
/// What a lane's devices have seen, in order. Bounded: a reader waits when the lane is stuck (the card stays on the reader);
/// a temperature is dropped instead, for the next one comes in a tenth of a second and an old one is worth nothing.
/// </summary>
internal sealed class LaneInputs(GateClock clock)
{
    private readonly Channel<EncounterInput> _channel = Channel.CreateBounded<EncounterInput>(
        // Synchronous: the thread that read the line decides, too. A pool thread in between would cost as much as the decision.
        new BoundedChannelOptions(64) { SingleReader = true, AllowSynchronousContinuations = true });

    public ChannelReader<EncounterInput> Reader => _channel.Reader;

    /// <param name="guardAction">Sequence of a guard's record that brought it; null for what a reader saw by itself.</param>
    public ValueTask PresentAsync(string readerId, Credential credential, CancellationToken cancellationToken, long? guardAction = null) =>
        _channel.Writer.WriteAsync(new EncounterInput.Presented(new Presentation(readerId, credential, clock.Read()) { GuardAction = guardAction }), cancellationToken);

    public void CardOnReader() => _channel.Writer.TryWrite(new EncounterInput.CardNoticed(clock.SinceBoot));

    public void Measure(TemperatureEvidence measured) =>
        _channel.Writer.TryWrite(new EncounterInput.Measured(measured, clock.Read()));

    /// <summary>A health code was scanned and is looked into. The scanner waits when the lane is stuck.</summary>
    public ValueTask ShowCodeAsync(string codeId, TimeSpan at, CancellationToken cancellationToken, long? guardAction = null) =>
        _channel.Writer.WriteAsync(new EncounterInput.CodeShown(codeId, at, guardAction), cancellationToken);

    public ValueTask JudgeCodeAsync(HealthCodeEvidence judged, CancellationToken cancellationToken) =>
        _channel.Writer.WriteAsync(new EncounterInput.CodeJudged(judged, clock.Read()), cancellationToken);

    /// <summary>In the order of what the devices have seen, so that no guard's answer meets somebody else than the guard looked at.</summary>
    public ValueTask AskAsync(GuardRequest request, CancellationToken cancellationToken) => _channel.Writer.WriteAsync(request, cancellationToken);

    /// <summary>A full channel loses nothing here: the lane looks at the clock after every input anyway.</summary>
    public void TimePassed() => _channel.Writer.TryWrite(new EncounterInput.TimePassed(clock.Read()));
}

using EdgeGate.Access;

namespace EdgeGate.Service.Passing;

/// <summary>
/// A guard's word on who stands at a lane. It waits in the lane's own queue with what the devices have seen, and holds for one decision:
/// when that person has gone, or was answered for, it does nothing.
/// </summary>
/// <param name="Decision">Sequence of the decision that is answered.</param>
/// <param name="Wish">Granted, denied or measured again.</param>
/// <param name="By">The guard.</param>
/// <param name="At">Time since boot when the guard asked.</param>
internal sealed record GuardRequest(long Decision, CaseEnd Wish, string By, TimeSpan At) : EncounterInput
{
    /// <summary>Whether this guard may answer this case so.</summary>
    public required Func<GuardCase, bool> May { get; init; }

    /// <summary>Puts the answer on record before anything happens.</summary>
    public required Func<GuardCase, ValueTask<long>> RecordAsync { get; init; }

    private readonly TaskCompletionSource<GuardResult> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<GuardResult> Answered => _answered.Task;

    public void Answer(GuardResult result) => _answered.TrySetResult(result);
}

/// <summary>What came of it.</summary>
internal abstract record GuardResult
{
    /// <param name="Record">Sequence of the guard's record.</param>
    /// <param name="NotOpened">Why the portal did not move, in words; null when it did, or had no reason to.</param>
    public sealed record Done(long Record, string? NotOpened) : GuardResult;

    /// <param name="End">Null when it is too long ago to be known.</param>
    public sealed record Gone(EndedCase? End) : GuardResult;

    public sealed record NotAllowed : GuardResult;

    /// <summary>The journal takes no records, so nothing was done.</summary>
    public sealed record NotRecorded(string Cause) : GuardResult;
}

using EdgeGate.Access;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.GuardPost.Http;

/// <summary>What the live view draws. Names are masked; ID numbers never come here.</summary>
/// <param name="Ended">The last cases, newest first, with who answered.</param>
/// <param name="Inside">Null while nobody knows.</param>
/// <param name="Now">Null while the gate does not know the time.</param>
internal sealed record BoardPicture(
    IReadOnlyList<LanePicture> Lanes, IReadOnlyList<EndedPicture> Ended, int? Inside, IReadOnlyList<string> OnDuty, string? Now);

/// <param name="FollowsHours">Whether the mode is that of the lane's hours, and nobody set one.</param>
internal sealed record LanePicture(
    string Id, Direction Direction, PortalMode Mode, KioskFace Face, Bilingual Title, string? Name, bool FollowsHours, bool CanMeasureAgain, bool IsHandheld, CasePicture? Waiting);

/// <param name="Celsius">With one decimal, cut and not rounded.</param>
/// <param name="Waited">Seconds.</param>
internal sealed record CasePicture(
    long Decision, string? Name, string? Unit, IReadOnlyList<Bilingual> Reasons, decimal? Celsius, int Waited, bool NeedsSupervisor);

internal sealed record EndedPicture(string Lane, long Decision, string? Name, CaseEnd End, string? By, string At);

/// <summary>A guard's answer to a case.</summary>
/// <param name="Wish">Granted, denied or measured-again.</param>
/// <param name="Supervisor">Account and PIN of who approves, where one must.</param>
internal sealed record AnswerForm(string? Lane, long? Decision, CaseEnd? Wish, string? Reason, string? Note, string? Supervisor, string? SupervisorSecret);

/// <param name="Visitor">For whom, where a guard sent a visitor to the lane and it refused them; null for somebody who showed nothing.</param>
internal sealed record OpenForm(string? Lane, string? Reason, string? Note, Guid? Visitor);

/// <param name="ByHours">True instead of a mode: the lane's hours decide again.</param>
internal sealed record ModeForm(string? Lane, PortalMode? Mode, bool? ByHours);

internal sealed record CountForm(int? Inside);

/// <param name="NotOpened">Why the portal did not move, in words; null when it did.</param>
internal sealed record DoneAnswer(string? NotOpened = null);

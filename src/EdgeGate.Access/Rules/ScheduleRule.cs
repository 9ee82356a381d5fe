namespace EdgeGate.Access.Rules;

/// <summary>
/// Hours: who has a schedule of their own (staff on shift) keeps to it both ways; everybody else goes out when the slot of their
/// building is open. Where the plan has neither, no hour is wrong.
/// </summary>
/// <param name="severity">What comes of the wrong hour.</param>
/// <param name="whenMissing">What everybody gets while there is no plan, and who keeps to a schedule that it does not know.</param>
public sealed class ScheduleRule(Outcome severity, Outcome whenMissing) : IAccessRule
{
    public string Name => "schedule";

    public Objection? Check(AccessRequest request)
    {
        if (request.Plan is not { } plan)
            return Objection(whenMissing, DenyReason.ListMissing);
        var schedule = request.Person?.Terms.Schedule
            ?? (request is { Direction: Direction.Exit, Person: { } person } ? plan.SlotOf(person.Unit)?.Schedule : null);
        if (schedule is null)
            return null;
        if (request.At.Grade is ClockGrade.Unset)
            return new Objection(DenyReason.ClockNotSet, Outcome.Guard);
        return plan.IsOpen(schedule, request.At.Wall.DateTime) switch
        {
            true => null,
            false => Objection(severity, DenyReason.NotPermittedAtThisTime),
            null => Objection(whenMissing, DenyReason.ListMissing),
        };
    }

    private static Objection? Objection(Outcome severity, DenyReason reason) => severity is Outcome.Granted ? null : new Objection(reason, severity);
}

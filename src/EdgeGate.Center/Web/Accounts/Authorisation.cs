namespace EdgeGate.Center.Web.Accounts;

/// <summary>Whom an account is for. The names stand in the database in lower case, so they are never renamed.</summary>
internal enum Role
{
    /// <summary>Epidemic or security officer: asks about persons.</summary>
    Officer,

    /// <summary>Of the property: runs the estate's entrances and lists, and asks about nobody in particular.</summary>
    Manager,

    /// <summary>Keeps gates and center running.</summary>
    Operator,

    /// <summary>Looks over the others' shoulders and changes nothing.</summary>
    Auditor,
}

/// <summary>What a page or an action needs. Every endpoint names one (<see cref="Frame.CenterPages"/>).</summary>
internal enum Permission
{
    /// <summary>The own account, and the way to the other pages.</summary>
    OwnAccount,
    Trace,
    SeeAudit,
    SeeFleet,
    AcknowledgeAlarm,

    /// <summary>Opens, changes modes, puts words on kiosks.</summary>
    CommandGates,
    ChangeGateSettings,
    EditPlan,
    SeeReports,

    /// <summary>Which lists there are, and which gate has which version.</summary>
    SeeRegisters,
    EditRegisters,

    /// <summary>Full names and telephone numbers of people on lists.</summary>
    ReadDetails,
    KeepFiles,

    /// <summary>Enters measures from door to door, and sees of a file only its unit and masked name.</summary>
    EnterMeasures,
    IssuePasses,
    WriteNotices,
}

/// <summary>The one table of who may do what.</summary>
internal static class Authorisation
{
    private static readonly Dictionary<Permission, Role[]> Holders = new()
    {
        [Permission.OwnAccount] = [Role.Officer, Role.Manager, Role.Operator, Role.Auditor],
        [Permission.Trace] = [Role.Officer],
        [Permission.SeeAudit] = [Role.Auditor],
        [Permission.SeeFleet] = [Role.Officer, Role.Manager, Role.Operator, Role.Auditor],
        [Permission.AcknowledgeAlarm] = [Role.Officer, Role.Manager, Role.Operator],
        [Permission.CommandGates] = [Role.Manager, Role.Operator],
        [Permission.ChangeGateSettings] = [Role.Operator],
        [Permission.EditPlan] = [Role.Manager, Role.Operator],
        [Permission.SeeReports] = [Role.Officer, Role.Manager, Role.Auditor],
        [Permission.SeeRegisters] = [Role.Officer, Role.Manager, Role.Operator, Role.Auditor],
        [Permission.EditRegisters] = [Role.Officer, Role.Manager],
        [Permission.ReadDetails] = [Role.Officer],
        [Permission.KeepFiles] = [Role.Officer],
        [Permission.EnterMeasures] = [Role.Officer, Role.Manager],
        [Permission.IssuePasses] = [Role.Officer, Role.Manager],
        [Permission.WriteNotices] = [Role.Officer, Role.Manager],
    };

    public static bool May(this Role role, Permission permission) => Holders[permission].Contains(role);
}

namespace EdgeGate.Journal;

/// <summary>Why the journal cannot take or give records.</summary>
public enum JournalFailure
{
    /// <summary>The disk or the journal's own budget is used up, and nothing in it may be deleted.</summary>
    DiskFull,

    /// <summary>The directory or its file system cannot be written.</summary>
    ReadOnly,

    /// <summary>The store's bytes are not what was written. The writer heals it; readers see this until then.</summary>
    Damaged,

    /// <summary>Another process has this journal open for writing.</summary>
    InUse,

    /// <summary>The store in this directory belongs to another gate.</summary>
    WrongGate,

    /// <summary>The device or file system failed in another way.</summary>
    Io,
}

/// <summary>
/// The journal could not do what was asked. After a failed append the record is not in the journal, nothing with its number
/// has left it, and the next append tries again. Only a crash right after the failure can leave it open whether the record
/// reached the disk; the next start then keeps it if it is whole, as it does with a record cut short before its acknowledgement.
/// </summary>
public sealed class JournalException : IOException
{
    public JournalException() => Cause = JournalFailure.Io;

    public JournalException(string message) : base(message) => Cause = JournalFailure.Io;

    public JournalException(string message, Exception? inner) : base(message, inner) => Cause = JournalFailure.Io;

    internal JournalException(JournalFailure cause, string what, Exception? inner = null)
        : base($"{what} {Remedy(cause)}", inner) => (Cause, What) = (cause, what);

    public JournalFailure Cause { get; }

    /// <summary>What happened, without the advice.</summary>
    internal string What { get; } = "";

    private static string Remedy(JournalFailure cause) => cause switch
    {
        JournalFailure.DiskFull => "Make room on the disk or raise the journal's budget; it goes on by itself.",
        JournalFailure.ReadOnly => "Make the directory writable for the service; a card that turned read-only is worn out, replace it.",
        JournalFailure.Damaged => "The running service salvages what is whole by itself; start it if it is stopped.",
        JournalFailure.InUse => "Stop the other process that writes here.",
        JournalFailure.WrongGate => "Give this gate its own directory, or set the gate's id back.",
        _ => "Look at the kernel's log for the disk; the journal keeps trying.",
    };
}

using System.Runtime.InteropServices;
using EdgeGate.Access;

namespace EdgeGate.Service.Time;

/// <summary>Reads the time with its trust grade. Ages come from the monotonic clock; the wall clock only stamps.</summary>
internal sealed class GateClock(TimeProvider time, Guid bootId, Func<bool> isSynchronised)
{
    /// <summary>No gate of this version ran before: an earlier date is a clock that was never set.</summary>
    private static readonly DateTimeOffset EarliestBelievable = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Further apart the two clocks were not read at one instant.</summary>
    private static readonly TimeSpan OneInstant = TimeSpan.FromMilliseconds(100);

    public static GateClock OfThisMachine(TimeProvider time) => new(time, ReadBootId(), KernelClock.IsSynchronised);

    /// <summary>Both clocks at one instant: who is held up between the two reads them again, or the wall clock would seem to have been set.</summary>
    public ClockReading Read()
    {
        DateTimeOffset wall;
        TimeSpan sinceBoot;
        do
        {
            sinceBoot = SinceBoot;
            wall = time.GetLocalNow();
        }
        while (SinceBoot - sinceBoot > OneInstant);
        var grade = wall < EarliestBelievable ? ClockGrade.Unset
            : isSynchronised() ? ClockGrade.Synchronised
            : ClockGrade.Holdover;
        return new ClockReading(wall, sinceBoot, bootId, grade);
    }

    // On Linux the timestamp is CLOCK_MONOTONIC, which counts from boot.
    public TimeSpan SinceBoot => time.GetElapsedTime(startingTimestamp: 0);

    private static Guid ReadBootId()
    {
        const string Source = "/proc/sys/kernel/random/boot_id";
        return File.Exists(Source) && Guid.TryParse(File.ReadAllText(Source), out var id) ? id : Guid.NewGuid();
    }
}

/// <summary>What the kernel's clock discipline says; set by chrony, ntpd or systemd-timesyncd.</summary>
internal static partial class KernelClock
{
    private const int TimeError = 5; // adjtimex(2): the clock is not synchronised
    private const int SizeOfTimex = 208; // struct timex on 64-bit Linux; larger than on 32-bit, so safe on both

    public static unsafe bool IsSynchronised()
    {
        var timex = stackalloc byte[SizeOfTimex]; // modes 0: only read
        new Span<byte>(timex, SizeOfTimex).Clear();
        var state = AdjTimex(timex);
        return state is >= 0 and not TimeError;
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static unsafe partial int AdjTimex(byte* timex);
}

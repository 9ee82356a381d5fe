using System.Diagnostics;
using EdgeGate.Testing;

namespace EdgeGate.Journal.Tests;

public sealed class LimitTests : IDisposable
{
    private const int Budget = 1024 * 1024;
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _directory.Dispose();

    private Task<GateJournal> Open(Func<JournalOptions, JournalOptions>? change = null) =>
        GateJournal.OpenAsync((change ?? (options => options))(_directory.Options with { DiskBudgetBytes = Budget }), _time, CancellationToken.None);

    private static async Task<long> Fill(GateJournal journal, int records)
    {
        long last = 0;
        for (var i = 0; i < records; i++)
            last = await journal.AppendAsync((_, payload) => payload.Advance(payload.GetSpan(900)[..900].Length), CancellationToken.None);
        return last;
    }

    private static async Task<long> First(GateJournal journal) => (await journal.ReadAsync(1, 1, CancellationToken.None))[0].Sequence;

    [Fact]
    public async Task Acknowledged_records_are_deleted_at_their_age_and_no_others()
    {
        await using var journal = await Open(options => options with { Retention = TimeSpan.FromDays(30) });
        await Fill(journal, 10);
        _time.Advance(TimeSpan.FromDays(20));
        await Fill(journal, 10);
        journal.Acknowledge(15);
        _time.Advance(TimeSpan.FromDays(10) + TimeSpan.FromMinutes(2));
        await journal.FlushAsync(CancellationToken.None);
        Assert.Equal(11, await First(journal));
        Assert.Equal(10, journal.Status.PurgedUpTo);

        _time.Advance(TimeSpan.FromDays(100));
        await journal.FlushAsync(CancellationToken.None);
        Assert.Equal(16, await First(journal)); // 16 to 20 were never acknowledged
        Assert.Equal(5, journal.Backlog);
        using var reader = JournalReader.Open(_directory.Path);
        Assert.Equal(new VerifyReport(5, journal.Head, null), reader.Verify());
    }

    [Fact]
    public async Task Records_of_a_clock_that_was_not_set_are_as_old_as_the_next_believable_one()
    {
        await using var journal = await Open(options => options with { Retention = TimeSpan.FromDays(30) });
        var today = _time.GetUtcNow();
        _time.StepWallClock(DateTimeOffset.UnixEpoch);
        await Fill(journal, 300);
        _time.StepWallClock(today);
        await Fill(journal, 10);
        journal.Acknowledge(310);
        _time.Advance(TimeSpan.FromMinutes(2));
        await journal.FlushAsync(CancellationToken.None);
        Assert.Equal(1, await First(journal));
        _time.Advance(TimeSpan.FromDays(31));
        await journal.FlushAsync(CancellationToken.None);
        Assert.Equal(310, journal.Status.PurgedUpTo);
        Assert.Equal(311, await Fill(journal, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clock_that_jumps_ahead_deletes_nothing_before_its_time(bool whileTheGateWasOff)
    {
        var options = (JournalOptions all) => all with { Retention = TimeSpan.FromDays(30) };
        var journal = await Open(options);
        journal.Acknowledge(await Fill(journal, 10));
        if (whileTheGateWasOff)
            await journal.DisposeAsync();
        var today = _time.GetUtcNow();
        _time.StepWallClock(today.AddDays(40));
        if (whileTheGateWasOff)
            journal = await Open(options);
        await LookAsync();
        Assert.Equal(1, await First(journal));

        _time.StepWallClock(today.AddMinutes(2)); // put right
        await LookAsync();
        _time.Advance(TimeSpan.FromDays(25));
        await LookAsync();
        Assert.Equal(1, await First(journal));
        _time.Advance(TimeSpan.FromDays(6));
        await LookAsync();
        Assert.Equal(10, journal.Status.PurgedUpTo);
        await journal.DisposeAsync();

        async Task LookAsync()
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await journal.FlushAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_clock_that_forgets_the_time_when_it_is_off_is_believed_as_soon_as_it_is_set()
    {
        var options = (JournalOptions all) => all with { Retention = TimeSpan.FromDays(30) };
        var today = _time.GetUtcNow();
        await using (var journal = await Open(options))
        {
            await Fill(journal, 10);
            _time.Advance(TimeSpan.FromDays(31));
            journal.Acknowledge(await Fill(journal, 1) - 1);
        }
        _time.StepWallClock(DateTimeOffset.UnixEpoch);
        await using var again = await Open(options);
        await LookAsync();
        Assert.Equal(0, again.Status.PurgedUpTo);
        _time.StepWallClock(today + TimeSpan.FromDays(31));
        await LookAsync();
        Assert.Equal(10, again.Status.PurgedUpTo);

        async Task LookAsync()
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await again.FlushAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_step_ahead_counts_when_it_has_stood_for_a_day()
    {
        await using var journal = await Open(options => options with { Retention = TimeSpan.FromDays(30) });
        journal.Acknowledge(await Fill(journal, 10));
        _time.StepWallClock(_time.GetUtcNow().AddDays(40)); // it was the first stamps that were wrong
        _time.Advance(TimeSpan.FromMinutes(1));
        await journal.FlushAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(23));
        await journal.FlushAsync(CancellationToken.None);
        Assert.Equal(1, await First(journal));
        _time.Advance(TimeSpan.FromHours(2));
        await journal.FlushAsync(CancellationToken.None);
        Assert.Equal(10, journal.Status.PurgedUpTo);
    }

    [Fact]
    public async Task At_the_budget_the_oldest_acknowledged_records_make_room()
    {
        await using var journal = await Open();
        for (var i = 0; i < 30; i++)
            journal.Acknowledge(await Fill(journal, 100) - 10);
        Assert.Equal(3000, journal.LastSequence);
        Assert.InRange(new FileInfo(_directory.Store).Length, 1, Budget + Budget / 4);
        Assert.InRange(journal.Status.PurgedUpTo, 1500, 2990);
        Assert.Equal(0, journal.Status.Dropped);
        using var reader = JournalReader.Open(_directory.Path);
        Assert.Null(reader.Verify().Fault);
    }

    [Fact]
    public async Task A_lowered_budget_keeps_nobody_waiting_and_is_met_when_nobody_comes()
    {
        await using (var larger = await Open(options => options with { DiskBudgetBytes = 16 * Budget }))
            larger.Acknowledge(await Fill(larger, 10_000));
        await using var journal = await Open();
        Assert.Equal(10_003, await Fill(journal, 3));
        Assert.InRange(journal.Status.PurgedUpTo, 1, 3 * 256);

        for (var minute = 0; minute < 40; minute++) // each time at least a portion, though somebody waits
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await journal.FlushAsync(CancellationToken.None);
        }
        Assert.InRange(10_003 - journal.Status.PurgedUpTo, Budget / 2 / 1000, Budget / 1000);
        Assert.Equal(10_004, await Fill(journal, 1));
        using var reader = JournalReader.Open(_directory.Path);
        Assert.Null(reader.Verify().Fault);
    }

    [Fact]
    public async Task At_the_budget_unacknowledged_records_are_kept_and_new_ones_refused()
    {
        await using var journal = await Open();
        var refused = await Assert.ThrowsAsync<JournalException>(() => Fill(journal, 2000));
        Assert.Equal(JournalFailure.DiskFull, refused.Cause);
        Assert.Contains("budget", refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Cause, journal.Status.Failure?.Cause);
        Assert.Equal(1, await First(journal));

        var last = journal.LastSequence;
        journal.Acknowledge(last);
        Assert.Equal(last + 1, await Fill(journal, 1)); // goes on by itself
        Assert.Null(journal.Status.Failure);
    }

    [Fact]
    public async Task Unacknowledged_records_are_dropped_only_when_the_options_say_so_and_every_one_is_counted()
    {
        await using (var journal = await Open(options => options with { DropUnacknowledged = true }))
        {
            await Fill(journal, 500);
            journal.Acknowledge(20);
            await Fill(journal, 1500);
            Assert.Equal(await First(journal) - 1, journal.Status.PurgedUpTo);
            Assert.Equal(journal.Status.PurgedUpTo - 20, journal.Status.Dropped);
            Assert.Equal(2000 - journal.Status.PurgedUpTo, journal.Backlog);
        }
        await using var again = await Open();
        var dropped = Assert.Single(again.Status.VoidRanges);
        Assert.Equal(VoidCause.Dropped, dropped.Cause);
        Assert.Equal(again.Status.Dropped, dropped.Count);
        Assert.Equal(again.Status.PurgedUpTo, dropped.Last);
        again.Acknowledge(dropped.Last + 5);
        await Fill(again, 1);
        using var reader = JournalReader.Open(_directory.Path);
        Assert.Null(reader.Verify().Fault);
    }

    [SkippableFact]
    public async Task A_full_disk_refuses_records_keeps_all_acknowledged_ones_and_recovers_by_itself()
    {
        using var disk = SmallDisk.TryMount(_directory.Path, megabytes: 3);
        Skip.If(disk is null, "needs the right to mount a small file system");
        await using var journal = await Open(options => options with { DiskBudgetBytes = long.MaxValue, ReserveBytes = 512 * 1024 });
        await Fill(journal, 100);
        var ballast = Path.Combine(_directory.Path, "ballast");
        await using (var file = File.Create(ballast))
            await Assert.ThrowsAsync<IOException>(async () =>
            {
                while (true)
                {
                    await file.WriteAsync(new byte[4096]);
                    await file.FlushAsync();
                }
            });

        var refused = await Assert.ThrowsAsync<JournalException>(() => Fill(journal, 3000));
        Assert.Equal(JournalFailure.DiskFull, refused.Cause);
        var written = journal.LastSequence;
        Assert.True(written >= 100);

        // Acknowledged records make room for new ones inside the store, though the disk stays full.
        journal.Acknowledge(written);
        Assert.Equal(written + 40, await Fill(journal, 40));
        using (var reader = JournalReader.Open(_directory.Path))
            Assert.Null(reader.Verify().Fault);

        File.Delete(ballast);
        Assert.Equal(written + 540, await Fill(journal, 500));
        Assert.Null(journal.Status.Failure);
        Assert.True(File.Exists(Path.Combine(_directory.Path, "reserve")));
    }

    [SkippableFact]
    public async Task A_heal_that_the_disk_has_no_room_for_loses_nothing_and_ends_well_when_there_is_room()
    {
        const int records = 3000; // a log and a store of about 3.5 MB each
        await using (var before = await Open(options => options with { DiskBudgetBytes = long.MaxValue }))
            await Fill(before, records);
        for (var megabytes = 5; megabytes <= 12; megabytes++) // too little for the new store's log, for the store beside it, or enough
        {
            using var place = new TemporaryDirectory();
            using var disk = SmallDisk.TryMount(place.Path, megabytes);
            Skip.If(disk is null, "needs the right to mount a small file system");
            File.Copy(_directory.Store, place.Store);
            File.Copy(Path.Combine(_directory.Path, "high-water"), Path.Combine(place.Path, "high-water"));
            await using (var file = new FileStream(place.Store, FileMode.Open))
                file.Write(new byte[100]); // SQLite's own header

            await using var journal = await GateJournal.OpenAsync(place.Options with { DiskBudgetBytes = long.MaxValue }, _time, CancellationToken.None);
            disk.Remount("size=64m");
            await journal.FlushAsync(CancellationToken.None);
            Assert.Equal((records, 0L), (journal.Status.LastHeal?.Salvaged, journal.Status.LastHeal?.Lost));
        }
    }

    [SkippableFact]
    public async Task A_read_only_disk_starts_without_a_journal_and_goes_on_when_it_becomes_writable()
    {
        using var disk = SmallDisk.TryMount(_directory.Path, megabytes: 8);
        Skip.If(disk is null, "needs the right to mount a small file system");
        await using (var before = await Open())
            await Fill(before, 5);
        disk.Remount("ro");
        await using var journal = await Open();
        Assert.Equal(JournalFailure.ReadOnly, journal.Status.Failure?.Cause);
        Assert.Equal(JournalFailure.ReadOnly, (await Assert.ThrowsAsync<JournalException>(() => Fill(journal, 1))).Cause);
        disk.Remount("rw");
        _time.Advance(TimeSpan.FromSeconds(5)); // it tries by itself
        await journal.FlushAsync(CancellationToken.None);
        Assert.Null(journal.Status.Failure);
        Assert.Equal(6, await Fill(journal, 1));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_told_and_tried_again()
    {
        var place = Path.Combine(_directory.Path, "journal");
        await File.WriteAllTextAsync(place, "in the way");
        await using var journal = await GateJournal.OpenAsync(_directory.Options with { Directory = place }, _time, CancellationToken.None);
        Assert.Equal(JournalFailure.Io, journal.Status.Failure?.Cause);
        await Assert.ThrowsAsync<JournalException>(() => Fill(journal, 1));
        File.Delete(place);
        Assert.Equal(1, await Fill(journal, 1));
    }

    private sealed class SmallDisk(string path) : IDisposable
    {
        public static SmallDisk? TryMount(string path, int megabytes) =>
            Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path) ? new SmallDisk(path) : null;

        public void Remount(string mode) => Assert.True(Run("mount", "-o", $"remount,{mode}", path));

        public void Dispose() => Run("umount", "-l", path);

        private static bool Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
    }
}

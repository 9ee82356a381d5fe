using System.CommandLine;
using EdgeGate.Journal;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate journal</c>: reads the journal, also while the gate runs.</summary>
internal static class JournalCommand
{
    private static readonly TimeSpan TailInterval = TimeSpan.FromMilliseconds(250);

    public static Command Create(TimeProvider time) => new("journal", "Reads the record of what happened, also while the gate runs.")
    {
        List(),
        Tail(time),
        Export(),
        Verify(),
    };

    private static Command List()
    {
        var last = new Option<int>("--last", "-n") { Description = "How many of the newest records.", HelpName = "count", DefaultValueFactory = _ => 20 };
        return OnJournal("list", "Shows the newest records.", [last], async (reader, parsed, cancellationToken) =>
        {
            var status = reader.ReadStatus();
            var from = Math.Max(1, status.LastSequence - parsed.GetValue(last) + 1);
            await foreach (var record in reader.ReadAllAsync(from, cancellationToken: cancellationToken))
                parsed.InvocationConfiguration.Output.WriteLine(RecordLine.Of(record));
            parsed.InvocationConfiguration.Output.WriteLine($"{status.LastSequence} records made, acknowledged up to {reader.ReadAcknowledgedUpTo()}");
            return ExitCode.Done;
        });
    }

    private static Command Tail(TimeProvider time) =>
        OnJournal("tail", "Shows records as they are made, until interrupted.", [], async (reader, parsed, cancellationToken) =>
        {
            // The writer is another process: there is nobody to wake us, so we look.
            var next = Math.Max(1, reader.ReadStatus().LastSequence - 9);
            while (!cancellationToken.IsCancellationRequested)
            {
                await foreach (var record in reader.ReadAllAsync(next, cancellationToken: cancellationToken))
                {
                    parsed.InvocationConfiguration.Output.WriteLine(RecordLine.Of(record));
                    next = record.Sequence + 1;
                }
                await Task.Delay(TailInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            return ExitCode.Done;
        });

    private static Command Export()
    {
        var format = new Option<ExportFormat>("--format", "-f") { Description = "Jsonl: each record as it was sent, one a line; Csv: a table for a spreadsheet." };
        var from = new Option<long>("--from") { Description = "First sequence number.", HelpName = "number", DefaultValueFactory = _ => 1 };
        var to = new Option<long?>("--to") { Description = "Last sequence number; the newest when left out.", HelpName = "number" };
        return OnJournal("export", "Writes records to standard output.", [format, from, to], async (reader, parsed, cancellationToken) =>
        {
            await using var output = Console.OpenStandardOutput();
            var records = reader.ReadAllAsync(parsed.GetValue(from), parsed.GetValue(to) ?? long.MaxValue, cancellationToken);
            await RecordExport.WriteAsync(output, records, parsed.GetValue(format), cancellationToken);
            return ExitCode.Done;
        });
    }

    private static Command Verify() =>
        OnJournal("verify", "Checks every record against the chain and names the first that is broken, missing or altered.", [], (reader, parsed, cancellationToken) =>
        {
            var report = reader.Verify(cancellationToken: cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine(report.Fault is { } fault
                ? $"{fault.Kind} at record {fault.Sequence}: {fault.Detail} {report.Records} records before it are whole."
                : $"All {report.Records} records are whole and in place; the chain ends with record {report.Head.Sequence}.");
            return Task.FromResult(report.Fault is null ? ExitCode.Done : ExitCode.Failed);
        });

    private static Command OnJournal(
        string name, string description, IReadOnlyList<Option> options, Func<JournalReader, ParseResult, CancellationToken, Task<int>> run)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var directory = new Option<string?>("--directory", "-d") { Description = "The journal's directory, when there are no settings to ask.", HelpName = "directory" };
        var command = new Command(name, description) { settings, directory };
        foreach (var option in options)
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if ((parsed.GetValue(directory) ?? DirectoryFrom(parsed.GetValue(settings)!, parsed.InvocationConfiguration.Error)) is not { } where)
                return ExitCode.Unusable;
            try
            {
                using var reader = JournalReader.Open(where);
                return await run(reader, parsed, cancellationToken);
            }
            catch (JournalException unreadable)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(unreadable.Message);
                return ExitCode.Failed;
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Done;
            }
        });
        return command;
    }

    private static string? DirectoryFrom(string file, TextWriter errors)
    {
        if (EdgeGateSettings.Read(file) is SettingsResult.Valid { Settings: var settings })
            return GateHost.JournalDirectory(settings);
        errors.WriteLine($"{file} cannot be used (edgegate config check tells why); or name the journal with --directory");
        return null;
    }
}

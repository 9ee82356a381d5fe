using System.CommandLine;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Cli;
using EdgeGate.Service.Kiosk.Voice;
using Spectre.Console;

namespace EdgeGate.Service.Demo;

/// <summary><c>edgegate demo</c>: a whole site with pretend devices and pretend people, on this machine only.</summary>
internal static class DemoCommand
{
    // Colours for people, none in a file or a pipe.
    private static readonly IAnsiConsole Terminal = CreateTerminal();

    public static Command Create(TimeProvider time)
    {
        var headless = new Option<bool>("--headless") { Description = "Ends by itself and prints one JSON line of counts last; fails when they do not add up." };
        var passes = new Option<int>("--passes") { Description = "How many people come; without it they come until you press Ctrl+C.", HelpName = "count" };
        var port = new Option<int?>("--port") { Description = "Port of the kiosk page; 8080, or any free one when headless.", HelpName = "port" };
        var data = new Option<string?>("--data") { Description = "Directory to keep; by default a new one that is removed at the end.", HelpName = "directory" };
        var seed = new Option<int>("--seed") { Description = "Which people come.", HelpName = "number" };
        var center = new Option<string?>("--center") { Description = "Runs this center too, with a PostgreSQL of its own; the gate waits for its receipts.", HelpName = "edgegate-center.dll" };
        var command = new Command("demo", "Runs a whole site with pretend devices and people: broker, readers, portal, gate, subscriber.") { headless, passes, port, data, seed, center };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Plan(parsed.GetValue(headless), parsed.GetValue(passes), parsed.GetValue(port), parsed.GetValue(data), parsed.GetValue(seed), parsed.GetValue(center)),
            time, cancellationToken));
        return command;
    }

    private sealed record Plan(bool Headless, int Passes, int? Port, string? Data, int Seed, string? Center)
    {
        public int People => Passes > 0 ? Passes : Headless ? 40 : int.MaxValue;

        /// <summary>Time to look at the screen between two people.</summary>
        public TimeSpan Pause => Headless ? TimeSpan.Zero : TimeSpan.FromSeconds(1.5);
        public TimeSpan ResultShownFor => Headless ? TimeSpan.FromSeconds(0.5) : TimeSpan.FromSeconds(2);
        public int? WebPort => Port ?? (Headless ? null : 8080);
    }

    private static IAnsiConsole CreateTerminal()
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = Console.IsOutputRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (Console.IsOutputRedirected)
            terminal.Profile.Width = 1000; // a file has no width at which lines must break
        return terminal;
    }

    private static async Task<int> RunAsync(Plan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        var directory = plan.Data ?? Directory.CreateTempSubdirectory("edgegate-demo-").FullName;
        try
        {
            var options = new DemoOptions
            {
                WebPort = plan.WebPort,
                ResultShownFor = plan.ResultShownFor,
                ChecksHealthCodes = true,
                Speaks = new VoiceFiles(directory).CanBeMade,
                CenterProgram = plan.Center,
                CommandKeyFile = plan.Center is null ? null : DemoCenter.PublicKeyFileIn(directory),
            };
            await using var site = new DemoSite(directory, options, time);
            // As it is: Spectre would break the lines of a log at the width of a terminal that is not there.
            site.Process.Logged += line => Console.WriteLine("           | " + line);
            Console.WriteLine($"Kiosk {site.Address}kiosk · health {site.Address}health · broker 127.0.0.1:{site.Broker.Port}, topics edgegate/#");
            Console.WriteLine($"Guard post {site.Address}guard · guard li, PIN {site.AddGuard("li", GuardRole.Guard)} · supervisor chen, PIN {site.AddGuard("chen", GuardRole.Supervisor)}");
            if (site.Center is { } center)
                Console.WriteLine($"Center {center.Address} · accounts officer, manager, operator, auditor · password, and passphrase of orders: {DemoCenter.Password}");
            var began = time.GetTimestamp();
            await site.StartAsync(cancellationToken);
            var presented = await ReceiveVisitorsAsync(site, plan, time, cancellationToken);
            return await EndAsync(site, plan, presented, time.GetElapsedTime(began), CancellationToken.None);
        }
        catch (Exception failed) when (failed is FileNotFoundException or TimeoutException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Done;
        }
        finally
        {
            if (plan.Data is null)
                Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<int> ReceiveVisitorsAsync(DemoSite site, Plan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        var presented = 0;
        foreach (var visitor in Visitor.CrowdWithHealthCodes(plan.Seed).Take(plan.People))
        {
            presented++;
            string? answer;
            try
            {
                answer = await site.MakeAsync(visitor, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return presented - 1; // Ctrl+C: the one who stands there goes away
            }
            Tell(time, presented, visitor, answer);
            await Task.Delay(plan.Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return presented;
    }

    private static async Task<int> EndAsync(DemoSite site, Plan plan, int presented, TimeSpan took, CancellationToken cancellationToken)
    {
        await site.WaitUntilAllArrivedAsync(within: TimeSpan.FromMinutes(2), cancellationToken);
        await site.Process.StopAsync();
        if (site.Center is { } center && presented > 0)
            await ShowTraceAsync(center, plan, cancellationToken);
        var tally = await DemoTally.CountAsync(presented, site, took, cancellationToken);
        foreach (var fault in tally.Faults)
            await Console.Error.WriteLineAsync("Does not add up: " + fault);
        Console.WriteLine(tally.ToJson());
        return tally.Faults.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>What the center answers about the first of the people, who comes at every seed and shows an ID card.</summary>
    private static async Task ShowTraceAsync(DemoCenter center, Plan plan, CancellationToken cancellationToken)
    {
        var person = Visitor.CrowdWithHealthCodes(plan.Seed).First();
        Console.WriteLine($"edgegate-center trace, of {person.Name} (ID number {person.Shows}, invented):");
        Console.Write(await center.TraceAsync(person.Shows, cancellationToken));
    }

    private static void Tell(TimeProvider time, int number, Visitor visitor, string? answer)
    {
        var (colour, words) = answer switch
        {
            "granted" => ("green", "granted, portal opens"),
            "denied" => ("red", "denied"),
            "seeGuard" => ("yellow", "the guard must look"),
            _ => ("yellow", "the gate gave no answer"),
        };
        var shows = visitor.Errand switch
        {
            Errand.HealthyResident => "shows an ID card",
            Errand.Feverish => "shows an ID card, with a fever",
            Errand.ExpiredCard => "shows an expired ID card",
            Errand.WrongCheckDigit => "shows an ID card with a wrong check digit",
            Errand.UnreadableCard => "shows a card that is no ID card",
            Errand.PaperPass => "shows a paper pass",
            _ => "shows a code nobody knows",
        };
        var code = !visitor.UsesCard ? "" : visitor.Code switch
        {
            ShownCode.ExpiredCertificate => " and an expired health code",
            ShownCode.RevokedCertificate => " and a health code that was called back",
            ShownCode.ForgedCertificate => " and a forged health code",
            ShownCode.BorrowedCertificate => " and somebody else's health code",
            ShownCode.Green => " and a green online code",
            ShownCode.Red => " and a red online code",
            ShownCode.GreenWhileProviderIsDown => " and an online code while the provider is down",
            _ => " and a health code",
        };
        Terminal.MarkupLineInterpolated($"{time.GetLocalNow():HH:mm:ss} {number,3} {visitor.Name} {shows}{code}, {visitor.Skin:0.0} °C: [{colour}]{words}[/]");
    }
}

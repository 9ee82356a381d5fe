using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace EdgeGate.SystemTests;

/// <summary>
/// What every page of ours must pass, whoever made it: nothing on the console, no violation of a serious kind that axe-core finds, and
/// little weight. Make one of these before the page goes anywhere, or the first errors are missed.
/// </summary>
internal sealed class PageChecks
{
    /// <summary>What axe-core calls serious or critical keeps somebody from using the page; the rest is advice.</summary>
    private static readonly string[] Grave = ["serious", "critical"];

    /// <summary>WCAG 2.2 A and AA, and what axe-core recommends beyond it. Its rule for the size of targets is off unless asked for.</summary>
    private static readonly AxeRunOptions Rules = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
        Rules = new Dictionary<string, RuleOptions> { ["target-size"] = new() { Enabled = true } },
        ResultTypes = [ResultType.Violations],
    };

    private readonly IPage _page;
    private readonly ConcurrentQueue<string> _complaints = new();

    public PageChecks(IPage page)
    {
        _page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => _complaints.Enqueue($"not caught: {error}");
    }

    /// <summary>Errors and warnings on the page's console since this was made, and exceptions that nothing caught.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Those that came since they were last taken.</summary>
    public IReadOnlyCollection<string> TakeComplaints()
    {
        var taken = new List<string>();
        while (_complaints.TryDequeue(out var complaint))
            taken.Add(complaint);
        return taken;
    }

    /// <summary>One sentence for each element at fault, empty when all is well. Works under the strictest Content-Security-Policy.</summary>
    /// <param name="view">What the page shows now; begins each sentence.</param>
    public async Task<IReadOnlyList<string>> AxeFaultsAsync(string view)
    {
        var found = await _page.RunAxe(Rules);
        return
        [
            .. from violation in found.Violations
               where Grave.Contains(violation.Impact)
               from node in violation.Nodes
               select $"{view}: {violation.Id} ({violation.Impact}): {violation.Help}: {node.Target} {Start(node.Html)}",
        ];
    }

    /// <summary>Bytes that crossed the wire for the page as it is now, headers included.</summary>
    /// <param name="butNot">Part of the addresses that do not count, such as those of a module loaded only when somebody asks for it.</param>
    public Task<long> BytesTransferredAsync(string butNot = "\n") => _page.EvaluateAsync<long>(
        """
        butNot => performance.getEntries()
          .filter(entry => 'transferSize' in entry && !entry.name.includes(butNot))
          .reduce((sum, entry) => sum + entry.transferSize, 0)
        """,
        butNot);

    private static string Start(string html) => html.Length <= 120 ? html : html[..120] + "…";
}

using System.Security.Cryptography;
using System.Text;
using EdgeGate.Messages;

namespace EdgeGate.Center.Enrolment;

/// <summary>
/// The access files of a mosquitto, as hardware/deploy sets it up: who may come in, and what each gate may publish and hear. The broker reads them
/// again when it is told to (systemctl reload mosquitto).
/// </summary>
internal sealed class BrokerAccess(string directory)
{
    /// <summary>What mosquitto 2.0 itself takes; the passwords are random, so more would buy nothing.</summary>
    private const int PasswordIterations = 101;
    private const UnixFileMode ForBroker = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>A gate's name at the broker. No name holds a dot, so no two gates share one.</summary>
    public static string UserOf(string site, string gate) => $"{site}.{gate}";

    /// <exception cref="IOException">Nothing was changed.</exception>
    public void Allow(string site, string gate)
    {
        var topics = new GateTopics(site, gate);
        string[] writes = [topics.State, topics.Device("+"), topics.Passages, topics.Backlog, topics.Alarms, topics.Tally, topics.Replies, topics.Occupancy, topics.HomeAssistantOfAll];
        string[] reads = [topics.Receipt, topics.Commands, $"edgegate/v1/{site}/registers/#", new SiteTopics(site).Notices, topics.OccupancyOfAll, topics.PassagesOfAll, topics.BacklogOfAll];
        var user = UserOf(site, gate);
        Replace("edgegate.acl", lines =>
            [.. WithoutBlock(lines, user), "", $"user {user}", .. writes.Select(topic => $"topic write {topic}"), .. reads.Select(topic => $"topic read {topic}")]);
    }

    /// <summary>From the broker's next reload on the gate may do nothing there, whatever it shows.</summary>
    public void Forbid(string site, string gate)
    {
        var user = UserOf(site, gate);
        Replace("edgegate.acl", lines => WithoutBlock(lines, user));
        if (File.Exists(Path.Combine(directory, "edgegate.passwd")))
            Replace("edgegate.passwd", lines => [.. lines.Where(line => !line.StartsWith(user + ':', StringComparison.Ordinal))]);
    }

    public void SetPassword(string user, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(12);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, PasswordIterations, HashAlgorithmName.SHA512, 64);
        Replace("edgegate.passwd", lines =>
        [
            .. lines.Where(line => !line.StartsWith(user + ':', StringComparison.Ordinal)),
            $"{user}:$7${PasswordIterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}",
        ]);
    }

    public void SetRevocationList(string pem) => Replace("edgegate.crl", _ => [pem.TrimEnd('\n')]);

    /// <summary>The user's line and the topics below it; other people's blocks and comments stay.</summary>
    private static List<string> WithoutBlock(IReadOnlyList<string> lines, string user)
    {
        var (kept, inBlock) = (new List<string>(lines.Count), false);
        foreach (var line in lines)
        {
            inBlock = line == "user " + user || (inBlock && line.StartsWith("topic ", StringComparison.Ordinal));
            if (!inBlock)
                kept.Add(line);
        }
        while (kept is [.., ""])
            kept.RemoveAt(kept.Count - 1);
        return kept;
    }

    /// <summary>The broker sees the old file or the new one, never half of it.</summary>
    private void Replace(string name, Func<IReadOnlyList<string>, IReadOnlyList<string>> edit)
    {
        var file = Path.Combine(directory, name);
        var fresh = file + ".new";
        var lines = edit(File.Exists(file) ? File.ReadAllLines(file) : []);
        File.Delete(fresh);
        using (var to = new StreamWriter(fresh, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = ForBroker }))
        {
            foreach (var line in lines)
                to.Write(line + "\n");
        }
        File.Move(fresh, file, overwrite: true);
    }
}

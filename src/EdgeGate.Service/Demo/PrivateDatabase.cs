namespace EdgeGate.Service.Demo;

/// <summary>
/// A PostgreSQL of our own, which answers on a socket in its directory and on no port. It refuses to run as root, so there it runs as the user that its
/// package made, who then owns the directory.
/// </summary>
internal sealed class PrivateDatabase : IAsyncDisposable
{
    public const string Name = "postgres", User = "edgegate";
    private const string Installed = "/usr/lib/postgresql";
    private readonly TimeProvider _time;
    private readonly LoggedProcess _process;

    /// <param name="directory">Data, log and socket; what an earlier run left there goes on.</param>
    public PrivateDatabase(string directory, TimeProvider time)
    {
        (Directory, _time) = (directory, time);
        _process = new LoggedProcess(
            directory + ".log", time, "/usr/bin/env",
            [.. AsOwner, Program("postgres"), "-D", Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={directory}", "-c", "log_min_messages=warning"]);
    }

    public string Directory { get; }

    private string Data => Path.Combine(Directory, "data");

    /// <summary>
    /// Arguments of env, before a program and its own. The work directory of this process may be closed to the owner. Whoever changes its user is no
    /// longer bound to its parent's death, and so is bound again.
    /// </summary>
    private static string[] AsOwner => IsRoot ? ["--chdir=/", "setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--pdeathsig", "INT", "--"] : ["--chdir=/"];

    private static bool IsRoot => Environment.UserName is "root";

    /// <exception cref="FileNotFoundException">PostgreSQL is not installed.</exception>
    /// <exception cref="InvalidOperationException">It does not start; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Program("postgres")))
            throw new FileNotFoundException("PostgreSQL is not installed; install it with: apt-get install postgresql");
        if (!System.IO.Directory.Exists(Directory))
            await CreateAsync(cancellationToken);
        _process.Start();
        while (!await AnswersAsync(cancellationToken))
        {
            if (!_process.IsRunning)
                throw new InvalidOperationException($"PostgreSQL ended; see {Directory}.log");
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellationToken);
        }
    }

    /// <returns>The one value that was asked for, as text.</returns>
    public Task<string> AskAsync(string query, CancellationToken cancellationToken) =>
        RunAsync("psql", ["-h", Directory, "-U", User, "-d", Name, "--no-psqlrc", "--tuples-only", "--no-align", "-c", query], cancellationToken);

    public async ValueTask DisposeAsync() => await _process.DisposeAsync();

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        System.IO.Directory.CreateDirectory(Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (IsRoot)
        {
            // A new temporary directory is closed to others: they may now go through it, and still not look into it.
            var above = Path.GetDirectoryName(Directory)!;
            File.SetUnixFileMode(above, File.GetUnixFileMode(above) | UnixFileMode.OtherExecute);
            await Children.AskAsync("", "chown", ["postgres", Directory], cancellationToken);
        }
        await RunAsync(
            "initdb", ["--pgdata", Data, "--username", User, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"], cancellationToken);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync("pg_isready", ["-q", "-h", Directory], cancellationToken);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellationToken) =>
        Children.AskAsync("", "/usr/bin/env", [.. AsOwner, Program(program), .. arguments], cancellationToken);

    /// <summary>Of the newest version that is installed.</summary>
    private static string Program(string name) =>
        Path.Combine(
            System.IO.Directory.Exists(Installed) ? System.IO.Directory.GetDirectories(Installed).OrderDescending(StringComparer.Ordinal).First() : Installed,
            "bin", name);
}

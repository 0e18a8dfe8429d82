using System.Globalization;

namespace Smtpy.Tests.Support.Processes;

/// <summary>
/// A real PostgreSQL server on a private loopback port, in a folder of its own, as an unprivileged user (it refuses to run as root).
/// Survives its own death: after <see cref="KillAsync"/> it starts again on the same files and port.
/// </summary>
/// <remarks>
/// Its defaults are the unsafe ones (synchronous_commit off): whoever needs a commit to be durable must say so. fsync is off because
/// what is killed here are processes, not machines.
/// </remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string User = "smtpy";

    /// <summary>Full of what must be quoted in URLs and connection strings.</summary>
    public const string Password = "p@ss/w:rd;'=%#?";

    /// <summary>Thousands of files on a disk that others keep busy.</summary>
    private static readonly TimeSpan RemovalPatience = TimeSpan.FromMinutes(5);

    private readonly TempFolder _folder = new("postgres");
    private ChildProcess? _postmaster;

    private PostgresServer() => Port = Loopback.FreePort();

    public int Port { get; }

    public string Log => _postmaster?.Log ?? "";

    private string Data => _folder.Combine("data");

    /// <summary>A fresh server, ready to be connected to as a superuser who may create databases.</summary>
    public static async Task<PostgresServer> StartFreshAsync(CancellationToken cancellationToken = default)
    {
        RequiredPackages.Need("postgresql");
        var server = new PostgresServer();
        try
        {
            await server.InitialiseAsync(cancellationToken);
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The DATABASE_URL of one of its databases.</summary>
    public string Url(string database) => string.Create(
        CultureInfo.InvariantCulture,
        $"postgres://{User}:{Uri.EscapeDataString(Password)}@127.0.0.1:{Port}/{database}?sslmode=disable");

    /// <summary>Starts it, or starts it again after it was killed or stopped.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var started = TimeProvider.System.GetTimestamp();
        do
        {
            if (_postmaster is not null)
            {
                await _postmaster.DisposeAsync();
            }

            _postmaster = ChildProcess.Start(Privileges.AsNobody(
                Program("postgres"), "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture)));
            await Until.TrueAsync("PostgreSQL answers", () => AnswersOrDeadAsync(cancellationToken), cancellationToken: cancellationToken);
        }
        while (_postmaster.HasExited && ChildrenOfTheKilled() && TimeProvider.System.GetElapsedTime(started) < Until.Patience);

        if (_postmaster.HasExited)
        {
            throw new InvalidOperationException("PostgreSQL ended at its start:\n" + _postmaster.Log);
        }
    }

    /// <summary>SIGKILL of the postmaster, as a power cut: what it had not written is lost, and its sessions end as soon as they see it.</summary>
    public Task KillAsync() => Server.KillAsync();

    /// <summary>SIGTERM: no new connections, but the ones that are there stay. SIGINT, which ends them, is what <see cref="StopAsync"/> sends.</summary>
    public async Task StopAsync()
    {
        await ChildProcess.RunAsync(Privileges.AsRoot("kill", "-INT", Server.Id.ToString(CultureInfo.InvariantCulture)));
        await Server.WaitAsync(Until.Patience);
    }

    /// <summary>Runs SQL as the superuser.</summary>
    /// <returns>What psql prints: columns with "|" between them, a row a line.</returns>
    public async Task<string> RunAsync(string sql, string database = "postgres") =>
        (await ChildProcess.RunAsync(
            ["/usr/bin/psql", "--no-psqlrc", "-At", "-v", "ON_ERROR_STOP=1", "-c", sql, Url(database)])).MustSucceed().Trim();

    public async ValueTask DisposeAsync()
    {
        if (_postmaster is { HasExited: false })
        {
            await StopAsync();
        }

        if (_postmaster is not null)
        {
            await _postmaster.DisposeAsync();
        }

        await ChildProcess.RunAsync(Privileges.AsRoot("rm", "-rf", _folder.Path), limit: RemovalPatience);
        _folder.Dispose();
    }

    private ChildProcess Server => _postmaster ?? throw new InvalidOperationException("PostgreSQL was not started.");

    private static string Program(string name) =>
        Directory.GetDirectories("/usr/lib/postgresql").OrderBy(static folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
            .Select(folder => Path.Combine(folder, "bin", name)).LastOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"There is no {name} below /usr/lib/postgresql.");

    private async Task InitialiseAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(_folder.Combine("password"), Password, cancellationToken);
        if (Privileges.IsRoot)
        {
            (await ChildProcess.RunAsync(["chown", "-R", "nobody", _folder.Path], cancellationToken: cancellationToken)).MustSucceed();
        }

        (await ChildProcess.RunAsync(
            Privileges.AsNobody(
                Program("initdb"), "-D", Data, "-U", User, "--pwfile", _folder.Combine("password"), "--auth=scram-sha-256", "--no-sync",
                "--encoding=UTF8", "--locale=C.UTF-8"),
            cancellationToken: cancellationToken)).MustSucceed();
        await File.AppendAllTextAsync(
            Path.Combine(Data, "postgresql.conf"),
            $"""
            listen_addresses = '127.0.0.1'
            unix_socket_directories = '{_folder.Path}'
            shared_buffers = 32MB
            max_connections = 100
            fsync = off
            synchronous_commit = off
            log_min_messages = warning
            """, cancellationToken);
    }

    /// <summary>Sessions of a killed postmaster hold its shared memory for a moment; until then the new one refuses to start.</summary>
    private bool ChildrenOfTheKilled() => Log.Contains("shared memory", StringComparison.Ordinal) || Log.Contains("Address already in use", StringComparison.Ordinal);

    private async Task<bool> AnswersOrDeadAsync(CancellationToken cancellationToken)
    {
        if (Server.HasExited)
        {
            return true;
        }

        var result = await ChildProcess.RunAsync(
            ["/usr/bin/psql", "--no-psqlrc", "-At", "-c", "SELECT 1", Url("postgres")], cancellationToken: cancellationToken);
        return result.ExitCode == 0;
    }
}

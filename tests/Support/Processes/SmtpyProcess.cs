using System.Globalization;
using System.Net;
using System.Text.Json;
using Smtpy.Tests.Support.Dns;

namespace Smtpy.Tests.Support.Processes;

/// <summary>
/// The real <c>smtpy</c> on private loopback ports with a data folder of its own. Survives its own death: after
/// <see cref="KillAsync"/> the same instance starts again on the same folder and ports.
/// </summary>
public sealed class SmtpyProcess : IAsyncDisposable
{
    public const string User = "owner@example.net";

    private static readonly HttpClient Http = new() { Timeout = Until.Patience };

    private readonly TempFolder? _ownFolder;
    private readonly Dictionary<string, string?> _environment;
    private readonly Func<IReadOnlyList<string>, IReadOnlyList<string>> _wrap;

    /// <summary>Mail is judged with every message; the machine's resolver has no part in a test.</summary>
    private readonly DnsTestServer _dns = new();

    private ChildProcess? _server;

    /// <param name="environment">Settings beside the ports and the data folder, which are given.</param>
    /// <param name="dataFolder">An existing folder, which is not removed; a fresh one when null.</param>
    /// <param name="wrap">Puts a launcher before the command, e.g. <see cref="Privileges.AsNobody"/>.</param>
    public SmtpyProcess(
        IReadOnlyDictionary<string, string?>? environment = null, string? dataFolder = null,
        Func<IReadOnlyList<string>, IReadOnlyList<string>>? wrap = null)
    {
        _ownFolder = dataFolder is null ? new TempFolder("data") : null;
        DataFolder = dataFolder ?? _ownFolder!.Path;
        _wrap = wrap ?? (command => command);
        SmtpPort = Loopback.FreePort();
        SubmissionPort = Loopback.FreePort();
        SubmissionsPort = Loopback.FreePort();
        ApiPort = Loopback.FreePort();
        _environment = new Dictionary<string, string?>
        {
            ["SMTPY_DATA"] = DataFolder,
            ["SMTP_LISTEN"] = Endpoint(SmtpPort),
            ["SUBMISSION_LISTEN"] = Endpoint(SubmissionPort),
            ["SUBMISSIONS_LISTEN"] = Endpoint(SubmissionsPort),
            ["API_LISTEN"] = Endpoint(ApiPort),
            ["SMTP_HOSTNAME"] = "mx.smtpy.test",
            ["DNS_SERVER"] = _dns.Address,
            ["DOTNET_gcServer"] = null,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            _environment[name] = value;
        }
    }

    public string DataFolder { get; }

    /// <summary>The resolver it asks, unless the settings name another.</summary>
    public DnsTestServer Dns => _dns;

    public int SmtpPort { get; }

    /// <summary>Submission with STARTTLS.</summary>
    public int SubmissionPort { get; }

    /// <summary>Submission with TLS from the start.</summary>
    public int SubmissionsPort { get; }

    public int ApiPort { get; }

    public int ProcessId => Server.Id;

    public bool HasExited => Server.HasExited;

    /// <summary>What the server printed since its last start.</summary>
    public string Log => Server.Log;

    private ChildProcess Server => _server ?? throw new InvalidOperationException("smtpy was not started.");

    /// <summary>A started server with an account, a verified domain and aliases.</summary>
    /// <param name="aliases">Address to recipients.</param>
    public static async Task<SmtpyProcess> StartAsync(
        IReadOnlyDictionary<string, string?> environment, string domain, IReadOnlyDictionary<string, string[]> aliases)
    {
        var process = new SmtpyProcess(environment);
        try
        {
            await process.AddDomainAsync(domain);
            await process.ImportAsync(aliases);
            await process.StartAsync();
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Changes a setting for the next start.</summary>
    public void Set(string name, string? value) => _environment[name] = value;

    /// <summary>Starts the server without waiting: for starts that must fail.</summary>
    public ChildProcess Launch() => ChildProcess.Start(_wrap([Repository.SmtpyExecutable, "serve"]), _environment);

    /// <summary>Starts the server and returns when it says that it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; carries its output.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _server = Launch();
        await Until.TrueAsync("smtpy is ready", () => ReadyOrDeadAsync(cancellationToken), cancellationToken: cancellationToken);
        if (_server.HasExited)
        {
            throw new InvalidOperationException("smtpy ended at its start:\n" + _server.Log);
        }
    }

    public Task KillAsync() => Server.KillAsync();

    public Task<ProgramResult> StopAsync() => Server.StopAsync(Until.Patience);

    public Task<ProgramResult> WaitAsync(TimeSpan limit) => Server.WaitAsync(limit);

    /// <summary>Runs an admin command on the same data folder.</summary>
    public Task<ProgramResult> RunAsync(params IReadOnlyList<string> arguments) =>
        ChildProcess.RunAsync(_wrap([Repository.SmtpyExecutable, .. arguments]), _environment);

    /// <summary>An account, <see cref="User"/>, with this domain, verified.</summary>
    public Task AddDomainAsync(string domain) =>
        string.IsNullOrEmpty(_environment.GetValueOrDefault("DATABASE_URL")) && Directory.GetFileSystemEntries(DataFolder).Length == 0
            ? PreparedData.CopyAsync(domain, _environment, DataFolder)
            : MakeDomainAsync(domain);

    internal async Task MakeDomainAsync(string domain)
    {
        (await RunAsync("user", "add", User, "--admin")).MustSucceed();
        (await RunAsync("domain", "add", domain, "--user", User)).MustSucceed();
        (await RunAsync("domain", "verify", domain, "--force")).MustSucceed();
    }

    public async Task AddAliasAsync(string address, params IReadOnlyList<string> recipients) =>
        (await RunAsync(["alias", "add", address, "--to", .. recipients])).MustSucceed();

    /// <summary>Many aliases at once, through the importer.</summary>
    public async Task ImportAsync(IReadOnlyDictionary<string, string[]> aliases)
    {
        using var folder = new TempFolder("import");
        var file = folder.Combine("aliases.csv");
        await File.WriteAllLinesAsync(
            file, aliases.Select(alias => $"{alias.Key},,{string.Join(' ', alias.Value)}").Prepend("alias,note,recipients"));
        (await RunAsync("import", file)).MustSucceed();
    }

    /// <summary>Messages that are stored and not yet delivered or given up.</summary>
    public async Task<int> QueueLengthAsync()
    {
        var output = (await RunAsync("queue", "list", "--json")).MustSucceed();
        using var document = JsonDocument.Parse(output);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? document.RootElement.GetArrayLength()
            : throw new InvalidOperationException("queue list --json is not an array: " + output);
    }

    /// <summary>
    /// Waits until nothing is on its way any more. The destination has a message before the server knows that it has, and before that is
    /// written down.
    /// </summary>
    public Task UntilQueueIsEmptyAsync() => Until.TrueAsync("the queue is empty", async () => await QueueLengthAsync() == 0);

    /// <summary>A GET on the web listener.</summary>
    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path, CancellationToken cancellationToken = default)
    {
        using var response = await Http.GetAsync(
            new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ApiPort}{path}")), cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Octets of memory the process holds now (VmRSS) or held at most (VmHWM).</summary>
    public long ResidentOctets(string field = "VmRSS")
    {
        var line = File.ReadLines($"/proc/{ProcessId}/status").First(text => text.StartsWith(field + ":", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _dns.DisposeAsync();
        _ownFolder?.Dispose();
    }

    private static string Endpoint(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private async Task<bool> ReadyOrDeadAsync(CancellationToken cancellationToken)
    {
        if (Server.HasExited)
        {
            return true;
        }

        try
        {
            return (await GetAsync("/health/ready", cancellationToken)).Status == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

using System.Text.RegularExpressions;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>
/// A clean machine's folder with the committed files and nothing else, and the deployment that is started from it: once, for all
/// tests, in the order of their stages. Ports 25, 80 and 443 of this machine are its own meanwhile.
/// </summary>
public sealed class Site : IAsyncLifetime
{
    /// <summary>As docker-compose.prod.yml names it.</summary>
    public const string Project = "smtpy";

    public const string AliasDomain = "alias.test";
    public const string Host = "mx." + AliasDomain;
    public const string Owner = "jane@dest.test";

    /// <summary>Where the mail of the load ends.</summary>
    public const string LoadRecipient = "load@dest.test";

    private readonly TempFolder _folder = new("deployment");

    /// <summary>Images take minutes on a slow machine; everything else has to answer sooner.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public string Folder => _folder.Path;

    public string Secrets => Path.Combine(Folder, ".env.production");

    internal World World { get; } = new();

    internal Measurements Measured { get; } = new();

    /// <summary>Set by the stages that make them, for those after.</summary>
    internal string ApiKey { get; set; } = "";

    /// <summary>What stands in From of the stranger's message.</summary>
    internal string ReverseAddress { get; set; } = "";

    /// <summary>Mail while something else is watched: no more than the destination stores in the same time.</summary>
    internal AccountedLoad SteadyMail() => new(25, LoadAliases) { Pause = TimeSpan.FromMilliseconds(150) };

    internal IReadOnlyList<string> LoadAliases { get; } = [.. Enumerable.Range(0, 10).Select(static i => $"load{i}@{AliasDomain}")];

    public async ValueTask InitializeAsync()
    {
        (await ChildProcess.RunAsync(
            ["bash", "-c", "set -o pipefail; git ls-files -z | tar --create --null --files-from=- | tar --extract --directory=\"$0\"", Folder],
            folder: Repository.Root)).MustSucceed();
        await RemoveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Measured.Write(Path.Combine(Repository.Root, "artifacts", "deployment"));
        if (Environment.GetEnvironmentVariable("SMTPY_KEEP_DEPLOYMENT") is { Length: > 0 })
        {
            return;
        }

        await RemoveAsync();
        _folder.Dispose();
    }

    /// <summary>Commands that have succeeded, as they were written.</summary>
    internal HashSet<string> Succeeded { get; } = new(StringComparer.Ordinal);

    internal HashSet<string>? SucceededBeforeDocuments { get; set; }

    public Task<ProgramResult> TryAsync(string command, params (string Name, string? Value)[] environment) => ChildProcess.RunAsync(
        ["bash", "-c", command], environment.ToDictionary(static v => v.Name, static v => v.Value), folder: Folder, limit: Patience);

    public async Task<string> RunAsync(string command)
    {
        var output = (await TryAsync(command)).MustSucceed().Trim();
        Succeeded.Add(command);
        return output;
    }

    public Task<string> ComposeAsync(string arguments) => RunAsync("docker compose -f docker-compose.prod.yml " + arguments);

    /// <summary>An admin command in the running smtp container.</summary>
    public Task<string> SmtpyAsync(string arguments) => ComposeAsync("exec -T smtp smtpy " + arguments);

    /// <summary>Container names of a service, in order.</summary>
    public async Task<string[]> ContainersAsync(string service) =>
        [.. (await ComposeAsync($"ps --all --format '{{{{.Name}}}}' {service}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    public async Task UntilHealthyAsync(string container, TimeSpan? limit = null)
    {
        var last = "";
        try
        {
            await Until.TrueAsync(container, async () => (last = await Docker.HealthAsync(container)) == "healthy", limit ?? TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{container} is {last}, not healthy:\n{(await Docker.TryAsync("logs", "--tail", "50", container)).Error}", late);
        }
    }

    /// <summary>Writes one line of .env.production, over the one that is there.</summary>
    public void Set(string name, string value)
    {
        var text = File.ReadAllText(Secrets);
        var line = new Regex($"^#?{Regex.Escape(name)}=.*$", RegexOptions.Multiline, TimeSpan.FromSeconds(1));
        File.WriteAllText(Secrets, line.IsMatch(text) ? line.Replace(text, _ => $"{name}={value}", 1) : $"{text}\n{name}={value}\n");
    }

    private async Task RemoveAsync()
    {
        await World.RemoveAsync();
        var left = await Docker.RunAsync("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=" + Project);
        if (left.Length > 0)
        {
            await Docker.RunAsync(["rm", "--force", "--volumes", .. left.Split('\n')]);
        }

        foreach (var kind in new[] { "network", "volume" })
        {
            var names = await Docker.RunAsync(kind, "ls", "--quiet", "--filter", "label=com.docker.compose.project=" + Project);
            if (names.Length > 0)
            {
                await Docker.RunAsync([kind, "rm", .. names.Split('\n')]);
            }
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>A whole <c>smtpy serve</c> among real mail hosts, its domains published in their DNS. Started once for all scenarios on one database.</summary>
public abstract class MailWorld : IAsyncLifetime
{
    public const string Mailbox = "me@home.test";

    private static readonly string[] Forwarded =
    [
        "shop", "open", "spf", "list", "openlist", "news", "talk", "trace", "all", "start", "plus", "fence", "held", "refused", "blocked", "turn",
        "letter", "sealed", "bank", "only",
    ];

    private Hosts? _hosts;

    internal Hosts Hosts => _hosts ?? throw new InvalidOperationException("The hosts were not started.");

    public SmtpyProcess Smtpy { get; private set; } = null!;

    internal GnupgHome Keys { get; } = new();

    /// <summary>Before this moment the key of stale@home.test can still be used.</summary>
    public DateTimeOffset StaleAt { get; private set; }

    public int Port => Smtpy.SmtpPort;

    /// <summary>What stands behind the public name, without the TLS that a proxy would add.</summary>
    public Uri Pages => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Smtpy.ApiPort}/"));

    public async ValueTask InitializeAsync()
    {
        Smtpy = new SmtpyProcess(await DatabaseAsync());
        _hosts = await Hosts.StartAsync(Port);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["SMTP_DELIVERY"] = "mx",
            ["SMTP_MX_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["DNS_SERVER"] = Hosts.Dns.Address,
            ["PUBLIC_URL"] = "https://smtpy.test",
            ["SMTP_RETRY_SCHEDULE"] = "1s,1s,2s,2s,5s",
            ["SECRET_KEY"] = "what signs return paths in this test",
        })
        {
            Smtpy.Set(name, value);
        }

        await Smtpy.AddDomainAsync(Instance.Domain);
        await RunAsync("domain", "add", "catch.test");
        await RunAsync("domain", "catch-all", "catch.test", "--to", Mailbox);
        await Smtpy.ImportAsync(Aliases());
        await Smtpy.StartAsync();
        await PublishAsync();
        await SetKeysAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Smtpy is not null)
        {
            await Smtpy.DisposeAsync();
        }

        if (_hosts is not null)
        {
            await _hosts.DisposeAsync();
        }

        await DisposeDatabaseAsync();
        await Keys.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>An admin command that must succeed; what it prints.</summary>
    public async Task<string> RunAsync(params IReadOnlyList<string> arguments) => (await Smtpy.RunAsync(arguments)).MustSucceed();

    public async Task<JsonElement> JsonAsync(params IReadOnlyList<string> arguments)
    {
        using var document = JsonDocument.Parse(await RunAsync([.. arguments, "--json"]));
        return document.RootElement.Clone();
    }

    /// <summary>Puts the keys that the domain has now into DNS, and lets SMTPy see them there.</summary>
    public async Task PublishAsync()
    {
        var records = await RunAsync("domain", "keys", Instance.Domain) + "\n" + await RunAsync("domain", "keys", "mx.smtpy.test");
        await Hosts.Dns.ReloadAsync("keys", records);
        await RunAsync("domain", "check", Instance.Domain);
        await Smtpy.RunAsync("domain", "check", "mx.smtpy.test");
    }

    /// <summary>A message handed to SMTPy as some host would, from its address on loopback; the reply that decided.</summary>
    public async Task<string> TransactAsync(string address, string from, string to, string message, string mailParameters = "")
    {
        using var conversation = await SmtpConversation.OpenFromAsync(address, Port);
        return await conversation.TransactAsync(from, to, Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n")), mailParameters);
    }

    /// <summary>Waits for a message in the owner's mailbox, after its provider's own checker.</summary>
    internal async Task<Mail> AtHomeAsync(params IReadOnlyList<string> texts) => await Mail.ReadAsync(await Hosts.Home.WaitForAsync(texts), this);

    /// <summary>Waits for a message in a mailbox of the stranger's host.</summary>
    internal async Task<Mail> AtSenderAsync(params IReadOnlyList<string> texts) => await Mail.ReadAsync(await Hosts.Sender.WaitForAsync(texts), this);

    /// <summary>The stored message with this Message-ID, as <c>queue list</c> names it.</summary>
    public async Task<JsonElement> StoredAsync(string alias, Func<JsonElement, bool> condition)
    {
        JsonElement? found = null;
        var last = "";
        await Until.TrueAsync(
            $"a message of {alias} is as wanted",
            async () =>
            {
                var list = await JsonAsync("queue", "list");
                last = list.GetRawText();
                foreach (var entry in list.EnumerateArray().Where(entry => entry.GetProperty("alias_address").GetString() == alias && condition(entry)))
                {
                    found = entry;
                }

                return found is not null;
            });
        return found ?? throw new InvalidOperationException(last);
    }

    /// <summary>A refusal for this alias; it is put down behind the answer's back.</summary>
    public async Task<JsonElement> RefusalAsync(string alias)
    {
        JsonElement? found = null;
        await Until.TrueAsync(
            $"a refusal for {alias} is listed",
            async () =>
            {
                foreach (var refusal in (await JsonAsync("refusals", "list")).EnumerateArray().Where(row => row.GetRawText().Contains(alias, StringComparison.Ordinal)))
                {
                    found = refusal;
                }

                return found is not null;
            });
        return found!.Value;
    }

    /// <summary>What <c>queue show</c> tells of the last message of an alias, delivered ones too.</summary>
    public async Task<string> StoryAsync(string alias)
    {
        var bounce = (await JsonAsync("bounces", "list")).EnumerateArray().First(row => row.GetRawText().Contains(alias, StringComparison.Ordinal));
        return await RunAsync("queue", "show", bounce.GetProperty("message_id").GetInt64().ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Settings that name the database, and Redis where there is one.</summary>
    protected abstract Task<IReadOnlyDictionary<string, string?>> DatabaseAsync();

    protected virtual ValueTask DisposeDatabaseAsync() => ValueTask.CompletedTask;

    private static Dictionary<string, string[]> Aliases()
    {
        var aliases = Forwarded.ToDictionary(static name => $"{name}@{Instance.Domain}", static _ => new[] { Mailbox });
        aliases["nobox@alias.test"] = ["nobody@home.test"];
        aliases["later@alias.test"] = ["moved@home.test"];
        aliases["secret@alias.test"] = ["pgp@home.test"];
        aliases["stale@alias.test"] = ["stale@home.test"];
        aliases["near@alias.test"] = [Mailbox];
        aliases["far@alias.test"] = ["far@home.test"];
        aliases["round@alias.test"] = ["round@home.test"];
        return aliases;
    }

    private async Task SetKeysAsync()
    {
        await RunAsync("recipient", "key", "set", "pgp@home.test", await Keys.MakeAsync("pgp@home.test", "0"));
        StaleAt = TimeProvider.System.GetUtcNow() + GnupgHome.ShortLife;
        await RunAsync(
            "recipient", "key", "set", "stale@home.test",
            await Keys.MakeAsync("stale@home.test", $"seconds={GnupgHome.ShortLife.TotalSeconds.ToString(CultureInfo.InvariantCulture)}"));
        StaleAt = StaleAt.AddSeconds(2);
    }
}

/// <summary>The embedded default: SQLite, no Redis.</summary>
public sealed class SqliteWorld : MailWorld
{
    protected override Task<IReadOnlyDictionary<string, string?>> DatabaseAsync() =>
        Task.FromResult<IReadOnlyDictionary<string, string?>>(new Dictionary<string, string?>());
}

/// <summary>As in production: PostgreSQL and Redis.</summary>
public sealed class PostgresWorld : MailWorld
{
    private PostgresServer? _postgres;
    private RedisPeer? _redis;

    protected override async Task<IReadOnlyDictionary<string, string?>> DatabaseAsync()
    {
        _postgres = await PostgresServer.StartFreshAsync();
        await _postgres.RunAsync("CREATE DATABASE mail");
        _redis = await RedisPeer.StartAsync();
        return new Dictionary<string, string?>(_redis.Settings) { ["DATABASE_URL"] = _postgres.Url("mail") };
    }

    protected override async ValueTask DisposeDatabaseAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}

[CollectionDefinition(nameof(OnSqlite))]
public sealed class OnSqlite : ICollectionFixture<SqliteWorld>;

[CollectionDefinition(nameof(OnPostgres))]
public sealed class OnPostgres : ICollectionFixture<PostgresWorld>;

using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Smtpy.Core;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.Processes;

[assembly: AssemblyFixture(typeof(Smtpy.Api.Tests.SqliteServer))]
[assembly: AssemblyFixture(typeof(Smtpy.Api.Tests.ServerOnPostgres))]

namespace Smtpy.Api.Tests;

/// <summary>The real program on a loopback port, and core beside it on the same database to prepare what the tests need.</summary>
public abstract class ApiServer : IAsyncLifetime
{
    public const string Hostname = "mx.smtpy.test";

    private readonly SmtpyProcess _process;
    private ServiceProvider? _core;
    private int _tenants;

    protected ApiServer(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var environment = new Dictionary<string, string?>
        {
            ["DNS_SERVER"] = Dns.Address,
            ["PUBLIC_URL"] = "https://mail.example.org",
            ["CORS_ORIGINS"] = "https://vault.example.org",
            ["API_REQUESTS_PER_KEY"] = "1000000",
            ["API_REQUESTS_PER_ADDRESS"] = "1000000",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string?>())
        {
            environment[name] = value;
        }

        _process = new SmtpyProcess(environment);
    }

    public DnsTestServer Dns { get; } = new();

    public SmtpyProcess Process => _process;

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_process.ApiPort}"));

    public T Core<T>()
        where T : notnull => _core!.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        var database = await PrepareDatabaseAsync();
        _process.Set("DATABASE_URL", database);
        await _process.StartAsync();
        _core = new ServiceCollection().AddLogging()
            .AddSmtpyCore(new CoreOptions { DataFolder = _process.DataFolder, Database = database, HostName = Hostname })
            .BuildServiceProvider();
    }

    /// <summary>An account with a verified domain, a recipient, an alias and a key, that no other test knows of.</summary>
    public async Task<Tenant> AddTenantAsync(ApiKeyScope scope = ApiKeyScope.Full, TimeSpan? lifetime = null)
    {
        var token = TestContext.Current.CancellationToken;
        var number = Interlocked.Increment(ref _tenants);
        var domain = $"tenant{number}-{Guid.NewGuid().ToString("N")[..8]}.test";
        var email = $"owner@{domain}";
        var account = (await Core<AddAccount>().RunAsync(email, null, false, token)).Value!;
        var added = (await Core<AddDomain>().RunAsync(domain, email, token)).Value!;
        await Core<VerifyDomain>().RunAsync(domain, force: true, token);
        var alias = (await Core<AddAlias>().RunAsync($"first@{domain}", [$"jane@mail.{domain}"], "the first", token)).Value!;
        var key = (await Core<CreateApiKey>().RunAsync(email, "tests", scope, lifetime, token)).Value!;
        return new Tenant(new ApiClient(Address, key.Token), account.Id, domain, added.Id, alias.Id, alias.Recipients.Single().Id, key);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_core is not null)
        {
            await _core.DisposeAsync();
        }

        await _process.DisposeAsync();
        await Dns.DisposeAsync();
    }

    /// <returns>DATABASE_URL; null for the embedded default.</returns>
    protected virtual Task<string?> PrepareDatabaseAsync() => Task.FromResult<string?>(null);
}

/// <summary>On the embedded database.</summary>
public sealed class SqliteServer : ApiServer;

/// <summary>On a real PostgreSQL.</summary>
public sealed class ServerOnPostgres : ApiServer
{
    private PostgresServer? _postgres;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    protected override async Task<string?> PrepareDatabaseAsync()
    {
        _postgres = await PostgresServer.StartFreshAsync(TestContext.Current.CancellationToken);
        await _postgres.RunAsync("CREATE DATABASE api");
        return _postgres.Url("api");
    }
}

public sealed record Tenant(
    ApiClient Api, Guid AccountId, string Domain, Guid DomainId, Guid AliasId, Guid RecipientId, NewApiKey Key);

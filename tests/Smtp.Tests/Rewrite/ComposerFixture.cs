using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Smtpy.Core;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Domains;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Rewrite;
using Smtpy.Smtp.Route;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Rewrite;

/// <summary>The whole composer on a database of its own, with an account, a domain that sends and one that does not yet.</summary>
public sealed class ComposerFixture : IAsyncLifetime
{
    public const string Host = "mx.smtpy.test";
    public const string Owner = "owner@home.test";
    public const string Mailbox = "jane.doe@inbox.test";

    /// <summary>Ready to send; the other domain, "waiting.test", is not.</summary>
    public const string Domain = "alias.test";

    private static readonly byte[] Secret = "a secret of some length"u8.ToArray();
    private readonly TempFolder _folder = new();
    private readonly List<ServiceProvider> _providers = [];
    private ServiceProvider _services = null!;
    private int _aliases;

    public static SigningKey HostKey { get; } = new(Host, "h1", PrivateKey.GenerateRsa());

    public static SigningKey DomainRsa { get; } = new(Domain, "r1", PrivateKey.GenerateRsa());

    public static SigningKey DomainEd25519 { get; } = new(Domain, "e1", PrivateKey.GenerateEd25519());

    public Guid Account { get; private set; }

    public FakeKeys Keys { get; } = new(HostKey, DomainRsa, DomainEd25519);

    public static ReverseAddresses Reverse { get; } = new(Secret);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        _services = Build(new RewriteOptions { Hostname = Host, PublicUrl = new Uri("https://mail.example.org") });
        await Get<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        Account = (await Get<AddAccount>().RunAsync(Owner, null, true, CancellationToken.None)).Value!.Id;
        foreach (var name in new[] { Domain, "waiting.test" })
        {
            Assert.True((await Get<AddDomain>().RunAsync(name, Owner, CancellationToken.None)).Succeeded);
            Assert.True((await Get<VerifyDomain>().RunAsync(name, force: true, CancellationToken.None)).Succeeded);
        }

        await using var context = Context();
        var domain = await context.Domains.SingleAsync(d => d.Name == Domain);
        (domain.SigningSeenAt, domain.ExchangerSeenAt) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        await context.SaveChangesAsync();
    }

    public SmtpyContext Context() => Get<IDbContextFactory<SmtpyContext>>().CreateDbContext();

    /// <summary>An alias that no other test has.</summary>
    public async Task<string> AddAliasAsync(Action<Alias>? set = null, string domain = Domain, params string[] recipients)
    {
        var address = $"a{Interlocked.Increment(ref _aliases)}@{domain}";
        var added = await Get<AddAlias>().RunAsync(address, recipients.Length == 0 ? [Mailbox] : recipients, null, CancellationToken.None);
        Assert.True(added.Succeeded, added.Problem?.Message);
        await using var context = Context();
        set?.Invoke(await context.Aliases.SingleAsync(a => a.Address == address));
        await context.SaveChangesAsync();
        return address;
    }

    public Task<string> AddTransparentAsync(Action<Alias>? set = null) => AddAliasAsync(alias =>
    {
        alias.Handling.Mode = ForwardingMode.Transparent;
        set?.Invoke(alias);
    });

    public DueDelivery Due(string alias, Judgement? judgement = null, string sender = "bounces@shop.test", string recipient = Mailbox) =>
        new(new DeliveryKey(7, 3), sender, alias, recipient, 0, 1, 0, DateTimeOffset.UnixEpoch)
        {
            AccountId = Account,
            Judgement = judgement?.ToJson(),
        };

    public static Judgement Judged(string policy = "none", bool isSigned = true, string arc = "none", int instances = 0) => new()
    {
        Results = $"{Host}; spf=pass smtp.mailfrom=bounces@shop.test; dmarc=pass header.from=shop.test",
        Dmarc = new DmarcJudgement("pass", policy, "none", "shop.test"),
        Arc = new ArcJudgement(arc, instances, null),
        IsSignedByAuthor = isSigned,
        IsAuthenticated = true,
    };

    public Task<Composition> ComposeAsync(string message, params DueDelivery[] deliveries) =>
        ComposeAsync(Get<IOutboundComposer>(), new InMemoryContent(Encoding.UTF8.GetBytes(message)), deliveries);

    public static async Task<Composition> ComposeAsync(IOutboundComposer composer, MessageContent content, params DueDelivery[] deliveries) =>
        await composer.ComposeAsync(deliveries, null, content, TestContext.Current.CancellationToken);

    /// <summary>What goes out, in one piece.</summary>
    public async Task<Composed> SendAsync(string message, params DueDelivery[] deliveries)
    {
        var composition = await ComposeAsync(message, deliveries);
        Assert.True(composition.Succeeded, composition.Reason.ToString());
        return await Composed.OfAsync(composition.Message);
    }

    /// <summary>The composer as it is with other settings, on the same database.</summary>
    public IOutboundComposer With(RewriteOptions options)
    {
        var services = Build(options);
        _providers.Add(services);
        return services.GetRequiredService<IOutboundComposer>();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }

        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private ServiceProvider Build(RewriteOptions options) => new ServiceCollection().AddLogging().AddMetrics()
        .AddSmtpyCore(new CoreOptions { DataFolder = _folder.Path, HostName = Host })
        .AddSingleton<IDkimKeys>(Keys)
        .AddSingleton(new ReturnPaths(Host, Secret, TimeProvider.System))
        .AddRewriting(options, Secret)
        .BuildServiceProvider();
}

/// <summary>Keys held in memory.</summary>
public sealed class FakeKeys(params SigningKey[] keys) : IDkimKeys
{
    /// <summary>Thrown instead of an answer, once.</summary>
    public Exception? Failure { get; set; }

    public IReadOnlyList<SigningKey> All => keys;

    public ValueTask<IReadOnlyList<SigningKey>> FindAsync(string domain, CancellationToken cancellationToken)
    {
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }

        return ValueTask.FromResult<IReadOnlyList<SigningKey>>([.. keys.Where(key => key.Domain == domain)]);
    }
}

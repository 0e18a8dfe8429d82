using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Coordination;
using Smtpy.Core.Domains;
using Smtpy.Core.Domains.Records;
using Smtpy.Core.Messages;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dns;

namespace Smtpy.Core;

/// <summary>Registers core: the database, the directory, the store, and the use cases.</summary>
public static class CoreServices
{
    /// <exception cref="FormatException">The database location is not understood.</exception>
    public static IServiceCollection AddSmtpyCore(this IServiceCollection services, CoreOptions options)
    {
        var database = DatabaseLocation.Parse(options.Database, options.DataFolder, options.Postgres);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Retention);
        services.AddSingleton(options.Bounces);
        services.AddSingleton(database);
        services.AddChanges(database);
        services.AddSingleton<StorageMetrics>();
        services.AddSingleton<IDbContextFactory<SmtpyContext>, SmtpyContextFactory>();
        services.AddSingleton(sp => new DatabaseMigrator(
            database, () => sp.GetRequiredService<IDbContextFactory<SmtpyContext>>().CreateDbContext(), options.DatabaseWait,
            sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<DatabaseMigrator>>()));
        services.AddSingleton(sp => new RoutingVersion(
            database, sp.GetRequiredService<RoutingChanges>(), options.Directory.ChangePoll, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAliasDirectory>(sp => new AliasDirectory(
            sp.GetRequiredService<RoutingVersion>(), options.Directory, options.HostName, options.Handling));
        services.AddSingleton(sp => new ContactBook(sp.GetRequiredService<RoutingVersion>(), options.Directory));
        services.AddSingleton(sp => new AliasWriters(sp.GetRequiredService<RoutingVersion>(), options.Directory));
        services.AddSingleton(sp => new EncryptionBook(
            sp.GetRequiredService<RoutingVersion>(), options.Directory, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OwnerMailboxes>();
        services.AddSingleton(sp => new SenderRuleBook(sp.GetRequiredService<RoutingVersion>(), options.Directory));
        services.AddSingleton(sp => database.CreateMessageStore(
            options.Store, sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<StorageMetrics>(),
            sp.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IOwnerNotices, NotifyOwner>();
        services.TryAddSingleton<ISignals, MemorySignals>();
        services.TryAddSingleton<IRateCounter, MemoryRateCounter>();
        services.TryAddSingleton<IFirstSeen, MemoryFirstSeen>();
        services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        return services.AddUseCases();
    }

    /// <summary>The keys that sign, and what makes, shows and changes them.</summary>
    /// <param name="secret">SECRET_KEY; asked for when a key is first needed.</param>
    public static IServiceCollection AddDomainKeys(
        this IServiceCollection services, DomainKeyOptions options, Func<ReadOnlyMemory<byte>> secret) => services
        .AddSingleton(options)
        .AddSingleton(_ => new DomainKeySeal(secret()))
        .AddSingleton<SigningFaults>()
        .AddSingleton<IDkimKeys, DomainKeyRing>()
        .AddSingleton<EnsureDomainKeys>()
        .AddSingleton<RotateDomainKeys>()
        .AddSingleton<ListDomainKeys>()
        .AddSingleton<ForgetDomainKeys>();

    /// <summary>What asks DNS about domains' records; needs <see cref="AddDomainKeys"/> and <see cref="MailResolverOptions"/>.</summary>
    public static IServiceCollection AddDomainRecords(this IServiceCollection services)
    {
        services.TryAddSingleton(static sp => new RecordExamination(
            new DnsRecordResolver(sp.GetRequiredService<MailResolverOptions>() with { CacheEntries = 0 }, sp.GetRequiredService<TimeProvider>()),
            sp.GetRequiredService<DomainKeyOptions>(), sp.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ExamineDomain>();
        return services;
    }

    /// <summary>What looks after keys and records as long as the process runs; needs <see cref="AddDomainRecords"/>.</summary>
    public static IServiceCollection AddDomainUpkeep(this IServiceCollection services) => services.AddDomainRecords().AddHostedService<DomainUpkeep>();

    /// <summary>What proves domains by DNS; needs <see cref="AddDomainRecords"/>, an <c>IMailResolver</c> and an <c>ITextResolver</c>.</summary>
    public static IServiceCollection AddOwnershipProof(this IServiceCollection services, OwnershipProofOptions options) => services
        .AddSingleton(options)
        .AddSingleton<OwnershipProof>()
        .AddSingleton<ClaimDomain>()
        .AddSingleton<CheckDomain>();

    /// <summary>What makes reverse addresses, and so needs the secret.</summary>
    /// <param name="secret">SECRET_KEY; not asked for before something needs it.</param>
    public static IServiceCollection AddReverseAddresses(this IServiceCollection services, Func<byte[]> secret)
    {
        services.TryAddSingleton(_ => new ReverseAddresses(secret()));
        return services.AddSingleton<CreateContact>().AddSingleton<RenewReverseAddress>();
    }

    /// <summary>Whatever else can carry changes registers an <see cref="IChangeCarrier"/> of its own.</summary>
    private static void AddChanges(this IServiceCollection services, IDatabase database)
    {
        if (database.ChangeCarrier is { } create)
        {
            services.AddSingleton(sp => create(sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILoggerFactory>()));
        }

        services.AddSingleton(static sp => new RoutingChanges(sp.GetServices<IChangeCarrier>()));
        services.AddSingleton(static sp => new DueSignal(sp.GetServices<IChangeCarrier>()));
        services.AddHostedService<ChangeListening>();
    }

    private static IServiceCollection AddUseCases(this IServiceCollection services) => services
        .AddSingleton<AddAccount>()
        .AddSingleton<AddDomain>()
        .AddSingleton<ListDomains>()
        .AddSingleton<VerifyDomain>()
        .AddSingleton<OwnDomains>()
        .AddSingleton<EditDomain>()
        .AddSingleton<DeleteDomain>()
        .AddSingleton<SetCatchAll>()
        .AddSingleton<AddAlias>()
        .AddSingleton<ListAliases>()
        .AddSingleton<SetAliasEnabled>()
        .AddSingleton<DeleteAlias>()
        .AddSingleton<CreateAlias>()
        .AddSingleton<EditAlias>()
        .AddSingleton<FindAlias>()
        .AddSingleton<ForgetAlias>()
        .AddSingleton<RestoreAlias>()
        .AddSingleton<SearchAliases>()
        .AddSingleton<SetAliasRecipients>()
        .AddSingleton<AddContacts>()
        .AddSingleton<Unsubscribe>()
        .AddSingleton<ListRecipients>()
        .AddSingleton<EditRecipient>()
        .AddSingleton<SetRecipientKey>()
        .AddSingleton<RemoveRecipientKey>()
        .AddSingleton<SetSenderRule>()
        .AddSingleton<ListSenderRules>()
        .AddSingleton<DeleteSenderRule>()
        .AddSingleton<ListContacts>()
        .AddSingleton<SetContactBlocked>()
        .AddSingleton<DeleteContact>()
        .AddSingleton<CreateSmtpPassword>()
        .AddSingleton<ListSmtpPasswords>()
        .AddSingleton<RevokeSmtpPassword>()
        .AddSingleton<SubmissionCredentials>()
        .AddSingleton<PauseRecipient>()
        .AddSingleton<ListAccounts>()
        .AddSingleton<CreateApiKey>()
        .AddSingleton<ListApiKeys>()
        .AddSingleton<RevokeApiKey>()
        .AddSingleton<ApiKeyDirectory>()
        .AddSingleton<ListQueue>()
        .AddSingleton<ListMessages>()
        .AddSingleton<ListFailedDeliveries>()
        .AddSingleton<ListRefusals>()
        .AddSingleton<ShowRefusal>()
        .AddSingleton<CountHeld>()
        .AddSingleton<ListBounces>()
        .AddSingleton<ShowMessage>()
        .AddSingleton<OpenMessage>()
        .AddSingleton<RetryDelivery>()
        .AddSingleton<RetryAll>()
        .AddSingleton<DropDelivery>()
        .AddSingleton<ForgetMessage>()
        .AddSingleton<FindOrigin>()
        .AddSingleton<RecordBounce>()
        .AddSingleton<TakeBounce>()
        .AddSingleton<NotifyWriter>()
        .AddSingleton<ICaptureMailbox, CaptureMailbox>();
}

using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Coordination;
using Smtpy.Core.Domains;
using Smtpy.Core.Messages;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;

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
        services.AddSingleton(database);
        services.AddChanges(database);
        services.AddSingleton<StorageMetrics>();
        services.AddSingleton<IDbContextFactory<SmtpyContext>, SmtpyContextFactory>();
        services.AddSingleton(sp => new DatabaseMigrator(
            database, () => sp.GetRequiredService<IDbContextFactory<SmtpyContext>>().CreateDbContext(), options.DatabaseWait,
            sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<DatabaseMigrator>>()));
        services.AddSingleton<IAliasDirectory>(sp => new AliasDirectory(
            database, sp.GetRequiredService<RoutingChanges>(), options.Directory, options.HostName, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => database.CreateMessageStore(
            options.Store, sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<StorageMetrics>(),
            sp.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton<ISignals, MemorySignals>();
        services.TryAddSingleton<IRateCounter, MemoryRateCounter>();
        services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        return services.AddUseCases();
    }

    /// <summary>What proves domains by DNS; needs an <c>IMailResolver</c> and an <c>ITextResolver</c>.</summary>
    public static IServiceCollection AddOwnershipProof(this IServiceCollection services, OwnershipProofOptions options) => services
        .AddSingleton(options)
        .AddSingleton<OwnershipProof>()
        .AddSingleton<ClaimDomain>()
        .AddSingleton<CheckDomain>();

    /// <summary>Whatever else can carry changes registers an <see cref="IChangeCarrier"/> of its own.</summary>
    private static void AddChanges(this IServiceCollection services, IDatabase database)
    {
        if (database.CarriesChanges)
        {
            services.AddSingleton(sp => database.CreateChangeCarrier(
                sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILoggerFactory>()));
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
        .AddSingleton<ListRecipients>()
        .AddSingleton<ListAccounts>()
        .AddSingleton<CreateApiKey>()
        .AddSingleton<ListApiKeys>()
        .AddSingleton<RevokeApiKey>()
        .AddSingleton<ApiKeyDirectory>()
        .AddSingleton<ListQueue>()
        .AddSingleton<ShowMessage>()
        .AddSingleton<RetryDelivery>()
        .AddSingleton<DropDelivery>()
        .AddSingleton<ForgetMessage>()
        .AddSingleton<ICaptureMailbox, CaptureMailbox>();
}

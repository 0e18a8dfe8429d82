using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;

namespace Smtpy.Core;

/// <summary>Registers core: the database, the directory, the store, and the use cases.</summary>
public static class CoreServices
{
    /// <exception cref="FormatException">The database location is not understood.</exception>
    public static IServiceCollection AddSmtpyCore(this IServiceCollection services, CoreOptions options)
    {
        var database = DatabaseLocation.Parse(options.Database, options.DataFolder);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Retention);
        services.AddSingleton(database);
        services.AddSingleton<RoutingChanges>();
        services.AddSingleton<StorageMetrics>();
        services.AddSingleton<IDbContextFactory<SmtpyContext>, SmtpyContextFactory>();
        services.AddSingleton(sp => new DatabaseMigrator(
            database, () => sp.GetRequiredService<IDbContextFactory<SmtpyContext>>().CreateDbContext()));
        services.AddSingleton<IAliasDirectory>(sp => new AliasDirectory(
            database, sp.GetRequiredService<RoutingChanges>(), options.Directory, options.HostName, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => database.CreateMessageStore(
            options.Store, sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<StorageMetrics>(),
            sp.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        return services.AddUseCases();
    }

    private static IServiceCollection AddUseCases(this IServiceCollection services) => services
        .AddSingleton<AddAccount>()
        .AddSingleton<AddDomain>()
        .AddSingleton<ListDomains>()
        .AddSingleton<VerifyDomain>()
        .AddSingleton<SetCatchAll>()
        .AddSingleton<AddAlias>()
        .AddSingleton<ListAliases>()
        .AddSingleton<SetAliasEnabled>()
        .AddSingleton<DeleteAlias>()
        .AddSingleton<ListQueue>()
        .AddSingleton<ShowMessage>()
        .AddSingleton<RetryDelivery>()
        .AddSingleton<DropDelivery>()
        .AddSingleton<ForgetMessage>()
        .AddSingleton<ICaptureMailbox, CaptureMailbox>();
}

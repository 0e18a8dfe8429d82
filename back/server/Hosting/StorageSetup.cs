using Smtpy.Core;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases.Export;
using Smtpy.Core.Aliases.Import;
using Smtpy.Core.Coordination;
using Smtpy.Core.Domains;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Hosting;

/// <summary>Core's services from the settings: database, directory, message store, use cases.</summary>
internal static class StorageSetup
{
    public static IServiceCollection AddSmtpyStorage(this IServiceCollection services, Settings settings)
    {
        if (settings.Redis is { } redis)
        {
            services.AddRedis(redis);
        }

        return services.AddSmtpyCore(new CoreOptions
        {
            DataFolder = settings.DataFolder,
            Database = settings.Database.Location,
            Postgres = settings.Database.Postgres,
            DatabaseWait = settings.Database.Wait,
            HostName = settings.Hostname,
            Handling = settings.Forwarding.Handling,
            Retention = settings.Retention.Policy,
            Notices = new OwnerNoticeOptions { PublicUrl = settings.PublicUrl },
        })
            .AddDomainKeys(new DomainKeyOptions { HostName = settings.Hostname }, () => new DataFolder(settings).Secret())
            .AddReverseAddresses(() => new DataFolder(settings).Secret())
            .AddSingleton<AddMissingDomains>()
            .AddSingleton<ImportAliases>()
            .AddSingleton<ExportAccounts>();
    }
}

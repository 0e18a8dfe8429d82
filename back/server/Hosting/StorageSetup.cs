using Smtpy.Core;
using Smtpy.Core.Aliases.Import;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Hosting;

/// <summary>Core's services from the settings: database, directory, message store, use cases.</summary>
internal static class StorageSetup
{
    public static IServiceCollection AddSmtpyStorage(this IServiceCollection services, Settings settings) =>
        services.AddSmtpyCore(new CoreOptions
        {
            DataFolder = settings.DataFolder,
            Database = settings.Database.Location,
            Postgres = settings.Database.Postgres,
            DatabaseWait = settings.Database.Wait,
            HostName = settings.Hostname,
            Retention = settings.Retention.Policy,
        }).AddSingleton<ImportAliases>();
}

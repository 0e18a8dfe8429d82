using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core;
using Smtpy.Core.Backups;
using Smtpy.Core.Storage;
using Smtpy.Server.Configuration;
using Smtpy.Server.Hosting;

namespace Smtpy.Server.Commands;

/// <summary>The use cases on the configured database, for one admin command. Works beside a running server.</summary>
internal sealed class AdminScope : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private readonly IDisposable _use;

    private AdminScope(ServiceProvider services, IDisposable use) => (_services, _use) = (services, use);

    /// <exception cref="SettingException">A setting is wrong.</exception>
    /// <exception cref="StorageException">The database cannot be opened or migrated.</exception>
    /// <param name="waits">True: wait for a database that is not up yet, as a start does. A person at a terminal wants to know now.</param>
    /// <param name="asksDns">True: with a resolver; DNS_SERVER must have an address then.</param>
    public static async Task<AdminScope> OpenAsync(CancellationToken cancellationToken, bool waits = false, bool asksDns = false)
    {
        var settings = Settings.Read(CommandEnvironment.Settings());
        settings = waits ? settings : settings with { Database = settings.Database with { Wait = TimeSpan.Zero } };
        _ = new DataFolder(settings);
        var collection = new ServiceCollection().AddSingleton(TimeProvider.System).AddMetrics()
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSmtpyStorage(settings);
        var services = (asksDns ? collection.AddSmtpyResolver(settings).AddDomainRecords() : collection).BuildServiceProvider();
        var scope = new AdminScope(services, RestoreBackup.Use(services.GetRequiredService<IDatabase>(), settings.DataFolder));
        await services.GetRequiredService<DatabaseMigrator>().MigrateAsync(cancellationToken);
        return scope;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _use.Dispose();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Serilog;
using Smtpy.Api;
using Smtpy.Api.Operations;
using Smtpy.Core.Backups;
using Smtpy.Core.Coordination;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Server.Configuration;
using Smtpy.Server.Logging;
using Smtpy.Smtp;
using Smtpy.Web;

namespace Smtpy.Server.Hosting;

/// <summary>A server that is up: the composition of the rooms for one role.</summary>
internal sealed partial class RunningServer : IAsyncDisposable
{
    /// <summary>
    /// What a stop may take after transactions had their time: sessions that are cut off, deliveries under way (10 s), their outcomes.
    /// docker-compose.prod.yml gives 45 s for all of it with SMTP_DRAIN_TIMEOUT's default.
    /// </summary>
    private static readonly TimeSpan StopAfterDrain = TimeSpan.FromSeconds(25);

    private readonly IHost _host;
    private readonly Serilog.Core.Logger _log;
    private readonly IDisposable _use;

    private RunningServer(IHost host, Serilog.Core.Logger log, IDisposable use) => (_host, _log, _use) = (host, log, use);

    public IServiceProvider Services => _host.Services;

    /// <summary>Where mail is received; null without the smtp role.</summary>
    public IPEndPoint? SmtpEndPoint => _host.Services.GetService<MailService>()?.EndPoint;

    /// <summary>Base address of the web service; null where none listens.</summary>
    public Uri? WebAddress => _host.Services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses
        .Select(static address => new Uri(address)).FirstOrDefault();

    /// <exception cref="SettingException">A port is taken, or a file cannot be used.</exception>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    public static async Task<RunningServer> StartAsync(Settings settings, Role role, CancellationToken cancellationToken)
    {
        if (role.HasFlag(Role.Api))
        {
            ThreadPool.GetMinThreads(out var threads, out var completions);
            ThreadPool.SetMinThreads(Math.Max(threads, settings.ApiWorkers), completions);
        }

        SocketCompletions.Choose(settings.Database);
        var log = LogSetup.Create(settings.Log);
        var host = Build(settings, role, log);
        IDisposable? use = null;
        try
        {
            use = RestoreBackup.Use(host.Services.GetRequiredService<IDatabase>(), settings.DataFolder);
            await host.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(cancellationToken);
            await host.StartAsync(cancellationToken);
            var server = new RunningServer(host, log, use);
            server.Announce(settings, role);

            // What only the start needed would stay until there is enough for a collection, which on a quiet server is never.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return server;
        }
        catch (Exception failure)
        {
            (host as IDisposable)?.Dispose();
            use?.Dispose();
            await log.DisposeAsync();
            throw failure switch
            {
                ListenException smtp => NotFree(MailListeners.Setting(smtp.Kind), smtp.EndPoint, smtp.InnerException!),
                // Kestrel's: an IOException where the port is taken, a bare SocketException where it is not allowed.
                IOException { InnerException: AddressInUseException taken } => NotFree("API_LISTEN", settings.ApiListen, taken),
                SocketException refused => NotFree("API_LISTEN", settings.ApiListen, refused),
                _ => failure,
            };
        }
    }

    private static SettingException NotFree(string name, IPEndPoint endPoint, Exception reason) =>
        new(name, endPoint.ToString(), $"an address and port that this user may listen on and no other program does ({reason.Message})");

    /// <summary>Whether it stops for a defect in one of its services, which the log tells, and not because it was told to.</summary>
    public bool HasFailed => _host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(static service => service.ExecuteTask is { IsFaulted: true });

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _host.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        _use.Dispose();
        await _log.DisposeAsync();
    }

    private void Announce(Settings settings, Role role)
    {
        var logger = Services.GetRequiredService<ILogger<RunningServer>>();
        if (logger.IsEnabled(LogLevel.Information))
        {
            var delivery = !role.HasFlag(Role.Smtp) ? null : settings.Delivery.Relay is { } relay ? $"relay {relay}" : settings.Delivery.Mode.ToString().ToLowerInvariant();
            var smtp = MailListeners.Describe(_host.Services.GetService<MailService>()?.Listeners ?? []);
            LogStarted(logger, Version, role, settings.DataFolder, delivery, smtp.Length > 0 ? smtp : null, WebAddress);
        }

        if (Services.GetService<OpenFileBudget>() is { IsShort: true } files)
        {
            LogFewFiles(logger, files.Limit!.Value, files.Smtp, files.Needed, files.AllowedSmtp, files.AllowedWeb, files.AllowedOutgoing);
        }

        foreach (var name in settings.Unused)
        {
            LogUnused(logger, name);
        }
    }

    internal static string Version =>
        typeof(RunningServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    [LoggerMessage(Level = LogLevel.Information,
        Message = "SMTPy {Version} serves {Role}: data in {DataFolder}, delivery by {Delivery}, SMTP on {Smtp}, web on {Web}")]
    private static partial void LogStarted(
        Microsoft.Extensions.Logging.ILogger logger, string version, Role role, string dataFolder, string? delivery, string? smtp, Uri? web);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Setting} is set, but this version has no such setting (docs/configuration.md lists them)")]
    private static partial void LogUnused(Microsoft.Extensions.Logging.ILogger logger, string setting);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The limit of open files is {Limit}, and SMTP_MAX_CONNECTIONS={Smtp} needs {Needed}: no more than {AllowedSmtp} SMTP connections are taken, {AllowedWeb} to the web port, and {AllowedOutgoing} opened; set a lower SMTP_MAX_CONNECTIONS or a limit of {Needed} or more (ulimit -n, LimitNOFILE of systemd, ulimits of compose)")]
    private static partial void LogFewFiles(
        Microsoft.Extensions.Logging.ILogger logger, long limit, int smtp, long needed, int allowedSmtp, int allowedWeb, int allowedOutgoing);

    private static IHost Build(Settings settings, Role role, Serilog.Core.Logger log)
    {
        if (!role.HasFlag(Role.Api) && !settings.ApiListenIsSet)
        {
            var bare = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            Register(bare, settings, role, log);
            return bare.Build();
        }

        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        Register(web, settings, role, log);
        web.Services.AddRoutingCore().AddSmtpyMetrics();
        web.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, settings));
        if (role.HasFlag(Role.Api))
        {
            web.Services.AddSmtpyWeb(WebOptions(settings));
            web.Services.AddSmtpyRestApi(settings);
        }

        var app = web.Build();
        if (settings.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders(Forwarding(settings));
        }

        if (role.HasFlag(Role.Api))
        {
            app.UseSmtpyApiPaths();
        }

        app.UseRouting();
        app.MapOperations();
        if (role.HasFlag(Role.Api))
        {
            app.UseSmtpyApi();
            app.MapSmtpyApi();
            app.MapSmtpyWeb();
        }

        return app;
    }

    private static void Register(IHostApplicationBuilder builder, Settings settings, Role role, Serilog.Core.Logger log)
    {
        builder.Services.AddSerilog(log);
        builder.Services.AddMetrics();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.Limits.Server.DrainTimeout + StopAfterDrain);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSmtpyStorage(settings);
        if (settings.Redis is not null)
        {
            // First: what starts later may already want Redis.
            builder.Services.AddHostedService<CoordinationService>();
        }

        if (role.HasFlag(Role.Smtp))
        {
            builder.Services.AddSmtpyMail(settings);
        }

        builder.Services.AddSmtpyHealth(role, settings);
    }

    private static void Configure(KestrelServerOptions kestrel, Settings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1024 * 1024;

        // Kestrel accepts as long as there is a file descriptor; without any the runtime ends the process.
        var files = kestrel.ApplicationServices.GetService<OpenFileBudget>() ?? OpenFileBudget.OfThisProcess(0, 0, settings.ApiMaxConnections);
        kestrel.Limits.MaxConcurrentConnections = files.AllowedWeb;
        kestrel.Listen(settings.ApiListen);
    }

    /// <summary>One proxy, ours, which replaces whatever the client said of itself.</summary>
    private static ForwardedHeadersOptions Forwarding(Settings settings)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var network in settings.TrustedProxies)
        {
            options.KnownIPNetworks.Add(network);
        }

        return options;
    }

    private static WebOptions WebOptions(Settings settings) => new()
    {
        PublicUrl = settings.PublicUrl,
        SmtpServer = MailListeners.OnThisMachine(settings.SmtpListen).ToString(),
        CaptureAccess = new CaptureAccess { AllowRemote = settings.CaptureIsPublic },
    };
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Server;
using Smtpy.Mail.Tls;
using Smtpy.Server.Configuration;
using Smtpy.Smtp;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Route;

namespace Smtpy.Server.Hosting;

/// <summary>The smtp role's services.</summary>
internal static class MailSetup
{
    /// <exception cref="SettingException">A file or name that a setting points to cannot be used.</exception>
    public static IServiceCollection AddSmtpyMail(this IServiceCollection services, Settings settings)
    {
        var folder = new DataFolder(settings);
        services.AddSingleton(new ReceiveOptions
        {
            Hostname = settings.Hostname,
            MaxHops = settings.Limits.MaxHops,
            KeepsRequireTls = settings.Delivery.Mode == DeliveryMode.Capture,
        });
        services.AddSingleton(settings.Limits.Client);
        services.AddSingleton(settings.Limits.Server with
        {
            Hostname = settings.Hostname,
            Listen = settings.SmtpListen,
            ProxyNetworks = settings.ProxyNetworks,
        });
        services.AddSingleton(settings.Retention.Policy);
        services.AddSingleton(new ReturnPaths(settings.Hostname, folder.Secret()));
        services.AddSingleton(provider => new SelfTestAddresses(settings.Hostname, folder.Secret(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ReceiveMetrics>();
        services.AddSingleton<ClientLimits>();
        services.AddSingleton<OutboundComposer>();
        services.AddSingleton<IOutboundComposer>(static provider => provider.GetRequiredService<OutboundComposer>());
        services.AddSingleton<Router>();
        services.AddSingleton<ISmtpPolicy, MailReceiver>();
        services.AddSingleton(provider => Certificate(provider, settings, folder));
        services.AddSingleton<SmtpServer>();
        AddDelivery(services, settings);
        services.AddSingleton<Housekeeping>();
        services.AddSingleton<MailService>();
        services.AddHostedService(static provider => provider.GetRequiredService<MailService>());
        return services;
    }

    /// <exception cref="SettingException">DNS_SERVER has no address.</exception>
    public static IServiceCollection AddSmtpyResolver(this IServiceCollection services, Settings settings)
    {
        if (services.Any(static service => service.ServiceType == typeof(DnsMailResolver)))
        {
            // Both roles need it, and in one process they share it.
            return services;
        }

        return services.AddSingleton(new MailResolverOptions { Server = ResolverAddress(settings.Delivery.DnsServer) })
            .AddSingleton<DnsMailResolver>()
            .AddSingleton<IMailResolver>(static provider => provider.GetRequiredService<DnsMailResolver>())
            .AddSingleton<ITextResolver>(static provider => provider.GetRequiredService<DnsMailResolver>());
    }

    private static void AddDelivery(IServiceCollection services, Settings settings)
    {
        var delivery = settings.Delivery;
        services.AddSingleton(new DeliveryOptions
        {
            Mode = delivery.Mode,
            Hostname = settings.Hostname,
            Relay = delivery.Relay,
            MxPort = delivery.MxPort,
            RelayConnections = delivery.RelayConnections,
            MxConnectionsPerDomain = delivery.MxConnections,
            Retry = delivery.Retry,
        });
        services.AddSmtpyResolver(settings);
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton<DeliveryQueue>();
        services.AddSingleton<IDeliveryQueue>(static provider => provider.GetRequiredService<DeliveryQueue>());
        services.AddSingleton<DeliveryService>();
    }

    /// <summary>A resolver given by name (a container's, say) is looked up once, at the start.</summary>
    private static IPEndPoint? ResolverAddress(DnsEndPoint? server)
    {
        if (server is null)
        {
            return null;
        }

        try
        {
            return new IPEndPoint(System.Net.Dns.GetHostAddresses(server.Host)[0], server.Port);
        }
        catch (SocketException failure)
        {
            throw new SettingException("DNS_SERVER", $"{server.Host}:{server.Port}", $"a resolver that has an address ({failure.Message})");
        }
    }

    private static TlsCertificate Certificate(IServiceProvider provider, Settings settings, DataFolder folder)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        try
        {
            if (folder.MakesCertificate)
            {
                SelfSignedCertificate.Create(
                    settings.Hostname, folder.CertificatePath, folder.KeyPath, time, otherNames: [settings.PublicUrl.IdnHost]);
            }

            return TlsCertificate.Load(
                folder.CertificatePath, folder.KeyPath, time, provider.GetRequiredService<ILogger<TlsCertificate>>());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SettingException(
                "TLS_CERT", folder.CertificatePath, $"a PEM certificate with its key in {folder.KeyPath} ({failure.Message})");
        }
    }
}

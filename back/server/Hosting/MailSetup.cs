using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Smtpy.Core;
using Smtpy.Core.Accounts;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Server;
using Smtpy.Mail.Server.Sasl;
using Smtpy.Mail.Tls;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Server.Configuration;
using Smtpy.Smtp;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Plan;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Rewrite;
using Smtpy.Smtp.Route;
using Smtpy.Smtp.Submit;

namespace Smtpy.Server.Hosting;

/// <summary>The smtp role's services.</summary>
internal static class MailSetup
{
    /// <exception cref="SettingException">A file or name that a setting points to cannot be used.</exception>
    public static IServiceCollection AddSmtpyMail(this IServiceCollection services, Settings settings)
    {
        var folder = new DataFolder(settings);
        var delivery = Delivery(settings);
        var files = OpenFileBudget.OfThisProcess(settings.Limits.Server.MaxConnections, delivery.MaxConnections, settings.ApiMaxConnections);
        services.AddSingleton(files);
        services.AddSingleton(new ReceiveOptions
        {
            Hostname = settings.Hostname,
            MaxHops = settings.Limits.MaxHops,
            MemoryOctets = settings.Limits.ReceiveMemory,
            FirstSenderDelay = settings.Filters.FirstSenderDelay,
        });
        services.AddSingleton(settings.Limits.Client);
        services.AddSingleton(settings.Limits.Server with
        {
            Hostname = settings.Hostname,
            MaxConnections = files.AllowedSmtp,
            Listeners = MailListeners.Of(settings),
            ProxyNetworks = settings.ProxyNetworks,
            Sasl = settings.Limits.Server.Sasl with { UnknownUserKey = UnknownUserKey(folder.Secret()) },
        });
        services.AddSingleton(settings.Retention.Policy);
        services.AddSingleton(provider => new ReturnPaths(settings.Hostname, folder.Secret(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new SelfTestAddresses(settings.Hostname, folder.Secret(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ReceiveMemory>();
        services.AddSingleton<ReceiveMetrics>();
        services.AddSingleton<ClientLimits>();
        services.AddSingleton(settings.Limits.SignIn);
        services.AddSingleton<SignInLimits>();
        services.AddSingleton<ISaslCredentials>(static provider => provider.GetRequiredService<SubmissionCredentials>());
        services.AddRewriting(
            new RewriteOptions
            {
                Hostname = settings.Hostname,
                PublicUrl = settings.PublicUrl,
                Handling = settings.Forwarding.Handling,
                SignsDkim = settings.Forwarding.SignsDkim,
                SealsArc = settings.Forwarding.SealsArc,
            },
            folder.Secret());
        services.AddSingleton<OutboundMessages>();
        services.AddSingleton<Router>();
        services.AddSmtpyJudging(settings, folder.Secret());
        AddPlanners(services, settings, folder);
        services.AddSingleton<MessagePlanner>();
        services.AddSingleton<RefusalAnswers>();
        services.AddSingleton<RecipientPolicy>();
        services.AddSingleton<MessageIntake>();
        services.AddSingleton<ISmtpPolicy, MailReceiver>();
        services.AddSingleton(provider => Certificate(provider, settings, folder));
        services.AddSingleton<SmtpServer>();
        AddDelivery(services, settings, delivery with { MaxConnections = files.AllowedOutgoing });
        // Before the mail service: the instance's own keys are there when the first message comes.
        services.AddDomainUpkeep();
        services.AddSingleton<Housekeeping>();
        services.AddSingleton<MailService>();
        services.AddHostedService(static provider => provider.GetRequiredService<MailService>());
        return services;
    }

    /// <summary>In the order in which they are asked: the first that takes a recipient decides.</summary>
    private static void AddPlanners(IServiceCollection services, Settings settings, DataFolder folder)
    {
        services.TryAddSingleton(_ => new ReverseAddresses(folder.Secret()));
        services.AddSingleton(settings.Limits.Correspondence with { Hostname = settings.Hostname });
        services.AddSingleton<SubmissionPolicy>();
        services.AddSingleton<MeetContact>();
        services.AddSingleton<WriterCheck>();
        services.AddSingleton(static provider => new ReportReader(provider.GetRequiredService<IMessageStore>()));
        services.AddSingleton<ForwardPlanner>();
        services.AddSingleton<IRecipientPlanner, SubmissionPlanner>();
        services.AddSingleton<IRecipientPlanner, ReplyPlanner>();
        services.AddSingleton<IRecipientPlanner, ReportPlanner>();
        services.AddSingleton<IRecipientPlanner>(
            static provider => ActivatorUtilities.CreateInstance<ComplaintPlanner>(provider, provider.GetRequiredService<ForwardPlanner>()));
        services.AddSingleton<IRecipientPlanner>(
            static provider => ActivatorUtilities.CreateInstance<SendPlanner>(provider, provider.GetRequiredService<ForwardPlanner>()));
        services.AddSingleton<IRecipientPlanner>(static provider => provider.GetRequiredService<ForwardPlanner>());
        services.AddSingleton<OutcomeWatch>();
        services.AddSingleton<IOutcomeObserver>(static provider => provider.GetRequiredService<OutcomeWatch>());
        services.AddHostedService(static provider => provider.GetRequiredService<OutcomeWatch>());
    }

    /// <summary>Derived, so that all replicas and all restarts have the same one.</summary>
    private static byte[] UnknownUserKey(byte[] secret) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "smtpy sign-in of unknown users"u8.ToArray());

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

    /// <summary>None where connections of this machine are taken for a proxy's: ours would not begin with its header.</summary>
    private static IPEndPoint? OwnListener(Settings settings)
    {
        var listener = MailListeners.OnThisMachine(settings.SmtpListen);
        return settings.ProxyNetworks.Any(network => network.Contains(listener.Address)) ? null : listener;
    }

    private static DeliveryOptions Delivery(Settings settings) => new()
    {
        Mode = settings.Delivery.Mode,
        Hostname = settings.Hostname,
        Relay = settings.Delivery.Relay,
        MxPort = settings.Delivery.MxPort,
        OwnListener = OwnListener(settings),
        RelayConnections = settings.Delivery.RelayConnections,
        MxConnectionsPerDomain = settings.Delivery.MxConnections,
        Retry = settings.Delivery.Retry,
    };

    private static void AddDelivery(IServiceCollection services, Settings settings, DeliveryOptions options)
    {
        services.AddSingleton(options);
        services.AddSmtpyResolver(settings);
        AddTransportPolicies(services, settings.Delivery);
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton<DeliveryQueue>();
        services.AddSingleton<IDeliveryQueue>(static provider => provider.GetRequiredService<DeliveryQueue>());
        services.AddSingleton<DeliveryService>();
    }

    /// <summary>Mode mx only asks them: a relay's security is what SMTP_RELAY says.</summary>
    private static void AddTransportPolicies(IServiceCollection services, DeliverySettings delivery)
    {
        services.AddSingleton(new StsOptions());
        services.AddSingleton<ITlsPolicyStore, TlsPolicyTable>();
        services.AddSingleton<TlsMetrics>();
        services.AddSingleton(static provider => new TlsReports(provider.GetRequiredService<TlsMetrics>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StsPolicyFetcher>();
        services.AddSingleton<StsPolicies>();
        services.AddSingleton<IDaneResolver, DaneResolver>();
        services.AddSingleton(provider => new TransportPolicies(
            delivery.MtaSts ? provider.GetRequiredService<StsPolicies>() : null,
            delivery.Dane ? provider.GetRequiredService<IDaneResolver>() : null,
            provider.GetRequiredService<TlsReports>()));
        if (delivery is { Mode: DeliveryMode.Mx, MtaSts: true })
        {
            services.AddHostedService<TlsPolicyRefresh>();
        }
    }

    /// <summary>A resolver given by name (a container's, say) is looked up once, at the start.</summary>
    internal static IPEndPoint? ResolverAddress(DnsEndPoint? server, string setting = "DNS_SERVER")
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
            throw new SettingException(setting, $"{server.Host}:{server.Port}", $"a resolver that has an address ({failure.Message})");
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

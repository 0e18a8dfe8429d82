using Microsoft.Extensions.DependencyInjection.Extensions;
using Smtpy.Core.Contacts;
using Smtpy.Mail.Authentication;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Spf;
using Smtpy.Server.Configuration;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Plan;
using Smtpy.Smtp.Receive;

namespace Smtpy.Server.Hosting;

/// <summary>What judges mail and decides about it.</summary>
internal static class JudgingSetup
{
    /// <param name="secret">Reverse addresses are drawn with it.</param>
    public static IServiceCollection AddSmtpyJudging(this IServiceCollection services, Settings settings, byte[] secret)
    {
        services.TryAddSingleton<IRecordResolver, DnsRecordResolver>();
        services.TryAddSingleton(_ => new ReverseAddresses(secret));
        services.AddSingleton(new AuthenticationOptions { Spf = new SpfOptions { ReceivingHost = settings.Hostname } });
        services.AddSingleton<Authenticator>();
        services.AddSingleton(new TrustedSealers(settings.Filters.TrustedSealers));
        services.AddSingleton(provider => new JudgementWriter(settings.Hostname, provider.GetRequiredService<TrustedSealers>()));

        // An embedded instance that somebody tries out has no DNS to ask about the programs of its own machine.
        var judgesLocalClients = settings.Delivery.Mode != DeliveryMode.Capture || settings.Delivery.DnsServer is not null;
        services.AddSingleton<IMessageJudge>(provider => new MessageJudge(
            provider.GetRequiredService<Authenticator>(), provider.GetRequiredService<JudgementWriter>(),
            provider.GetRequiredService<ISpamFilter>(), judgesLocalClients));
        services.AddSingleton(settings.Filters.Clients with { Exempt = settings.Limits.Client.Exempt });
        services.AddSingleton<BlockLists>();
        services.AddSingleton<Greylist>();
        services.AddSingleton<RecipientGate>();
        services.AddSingleton<SenderStandings>();
        services.AddSingleton(ForwardPolicy.Of(settings.Filters.Spam));
        services.AddSingleton(provider => new NewContacts(
            provider.GetRequiredService<ContactBook>(), provider.GetRequiredService<ReverseAddresses>(), settings.Hostname,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RefusalRecorder>();
        services.AddSingleton<HeldNotices>();
        return services.AddSpamFilter(settings.Filters.Rspamd);
    }

    private static IServiceCollection AddSpamFilter(this IServiceCollection services, RspamdOptions? rspamd)
    {
        if (rspamd is null)
        {
            return services.AddSingleton<ISpamFilter, NoSpamFilter>();
        }

        return services.AddSingleton(rspamd)
            .AddSingleton<FilterMetrics>()
            .AddSingleton(static provider => RspamdFilter.Client(provider.GetRequiredService<RspamdOptions>()))
            .AddSingleton<ISpamFilter, RspamdFilter>();
    }
}

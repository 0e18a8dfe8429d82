using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Smtpy.Core.Contacts;
using Smtpy.Core.Domains;
using Smtpy.Mail.Encryption;
using Smtpy.Mail.Rewriting;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Route;
using Smtpy.Smtp.Sign;

namespace Smtpy.Smtp.Rewrite;

/// <summary>Registers the stages rewrite, encrypt and sign.</summary>
public static class RewriteServices
{
    /// <summary>Needs core and <see cref="ReturnPaths"/>; signs where there is an <see cref="IDkimKeys"/>.</summary>
    /// <param name="secret">SECRET_KEY.</param>
    public static IServiceCollection AddRewriting(this IServiceCollection services, RewriteOptions options, byte[] secret)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(new ReverseAddresses(secret));
        services.TryAddSingleton(new MessageIdSeal(secret));
        services.TryAddSingleton(provider => new UnsubscribeToken(secret, provider.GetRequiredService<TimeProvider>()));
        return services
            .AddSingleton(static provider => new MessageEncryptor(provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(static provider => new MessageSigner(
                provider.GetService<IDkimKeys>(), provider.GetRequiredService<RewriteOptions>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<WholeMessages>()
            .AddSingleton<AliasHandlings>()
            .AddSingleton<ContactAddresses>()
            .AddSingleton<PrivateHeader>()
            .AddSingleton<TransparentHeader>()
            .AddSingleton<ReplyAddresses>()
            .AddSingleton<ForwardComposer>()
            .AddSingleton<ReplyComposer>()
            .AddSingleton<NoticeComposer>()
            .AddSingleton<IOutboundComposer, OutboundComposer>();
    }
}

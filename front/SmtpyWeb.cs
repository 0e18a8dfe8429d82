using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Smtpy.Web.Assets;
using Smtpy.Web.Capture;
using Smtpy.Web.Links;

namespace Smtpy.Web;

/// <summary>The door to SMTPy's pages for the program that hosts them.</summary>
public static class SmtpyWeb
{
    /// <summary>Registers what the pages need. The host registers <c>ICaptureMailbox</c>, <c>Unsubscribe</c> and <c>UnsubscribeToken</c>.</summary>
    public static IServiceCollection AddSmtpyWeb(this IServiceCollection services, WebOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options ?? new WebOptions());
        services.AddSingleton<CaptureGuard>();
        return services;
    }

    /// <summary>Maps <c>/</c>, <c>/capture</c> and below, <c>/u</c>, and the pages' assets under <c>/assets</c>.</summary>
    public static IEndpointRouteBuilder MapSmtpyWeb(this IEndpointRouteBuilder routes)
    {
        EmbeddedAsset.MapAll(routes);
        CaptureEndpoints.Map(routes);
        UnsubscribeEndpoints.Map(routes);
        return routes;
    }
}

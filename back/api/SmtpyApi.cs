using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Scalar.AspNetCore;
using Smtpy.Api.Account;
using Smtpy.Api.Aliases;
using Smtpy.Api.Contacts;
using Smtpy.Api.Description;
using Smtpy.Api.Domains;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Api.Messages;
using Smtpy.Api.Recipients;
using Smtpy.Api.Rules;
using Smtpy.Api.Submission;

namespace Smtpy.Api;

/// <summary>The door to the REST API for the program that hosts it.</summary>
public static class SmtpyApi
{
    private const string Change = "change";
    private const string Cors = "api";

    /// <summary>But for keys, the largest body is a list of 25 ids and a description: 64 KiB leaves room for any spelling of that.</summary>
    private const long MostOctets = 64 * 1024;

    /// <summary>Registers what the API needs. The host registers core with its proof of ownership.</summary>
    public static IServiceCollection AddSmtpyApi(this IServiceCollection services, ApiOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<AliasBulkChanges>();
        services.ConfigureHttpJsonOptions(static json => ApiJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(static handlers => handlers.ThrowOnBadRequest = true);
        services.AddAuthentication(ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(Change, static policy => policy.RequireClaim(Caller.ScopeClaim, Caller.FullScope));
        services.AddCors(cors => cors.AddPolicy(Cors, policy => Allow(policy, options.CorsOrigins)));
        return services.AddDescription(options.PublicUrl);
    }

    /// <summary>Before routing: makes of clients' paths and methods what they mean.</summary>
    public static IApplicationBuilder UseSmtpyApiPaths(this IApplicationBuilder app) => app.UseMiddleware<ApiPaths>();

    /// <summary>After routing: errors, cross-origin answers, authentication and limits for /api.</summary>
    public static IApplicationBuilder UseSmtpyApi(this IApplicationBuilder app)
    {
        // Authentication and authorization stand in the main pipeline, after the faults: where the host does not find them there it
        // puts them in front of everything, and a database that fails then is nobody's to answer.
        return app
            .UseWhen(IsApi, static api =>
            {
                api.UseMiddleware<ApiFaults>();
                api.Use(LimitBody);
                api.Use(FenceDocs);
                api.Use(CrossOrigin);
            })
            .UseAuthentication()
            .UseWhen(IsApi, static api => api.UseMiddleware<RateLimit>())
            .UseAuthorization();
    }

    internal static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    public static IEndpointRouteBuilder MapSmtpyApi(this IEndpointRouteBuilder endpoints)
    {
        var v1 = endpoints.MapGroup("/api/v1").RequireAuthorization();
        ((IEndpointConventionBuilder)v1).Add(static endpoint =>
        {
            // Whatever is not a GET changes something, or may one day.
            var methods = endpoint.Metadata.OfType<IHttpMethodMetadata>().SelectMany(static m => m.HttpMethods).ToList();
            if (!methods.TrueForAll(HttpMethods.IsGet))
            {
                endpoint.Metadata.Add(new AuthorizeAttribute(Change));
            }
        });
        AliasEndpoints.Map(v1);
        AliasStateEndpoints.Map(v1);
        AliasBulkEndpoints.Map(v1);
        DomainEndpoints.Map(v1);
        AccountEndpoints.Map(v1);
        RecipientEndpoints.Map(v1);
        ContactEndpoints.Map(v1);
        SenderRuleEndpoints.Map(v1);
        BlocklistEndpoints.Map(v1);
        SmtpCredentialEndpoints.Map(v1);
        MessageEndpoints.Map(v1);
        FailedDeliveryEndpoints.Map(v1);
        endpoints.MapOpenApi("/api/{documentName}/openapi.json");
        endpoints.MapScalarApiReference("/api/docs", static scalar => scalar
            .WithTitle("SMTPy API").WithOpenApiRoutePattern("/api/v1/openapi.json").DisableDefaultFonts().DisableAgent().DisableTelemetry());
        return endpoints;
    }

    /// <summary>As UseCors does, which compiles an expression for it at the start: 3 MB of memory.</summary>
    private static RequestDelegate CrossOrigin(RequestDelegate next)
    {
        CorsMiddleware? middleware = null;
        return context =>
        {
            var services = context.RequestServices;
            middleware ??= new CorsMiddleware(next, services.GetRequiredService<ICorsService>(), services.GetRequiredService<ILoggerFactory>(), Cors);
            return middleware.Invoke(context, services.GetRequiredService<ICorsPolicyProvider>());
        };
    }

    private static void Allow(CorsPolicyBuilder policy, IReadOnlyList<string> origins)
    {
        if (origins.Contains("*"))
        {
            policy.AllowAnyOrigin();
        }
        else
        {
            policy.WithOrigins([.. origins]);
        }

        // Named, because "*" does not cover Authorization (Fetch standard). No credentials: keys are sent, not cookies.
        policy.WithMethods("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")
            .WithHeaders("authorization", "content-type", "accept", "x-requested-with", "x-requested-from", "x-csrf-token", "x-http-method-override")
            .WithExposedHeaders("Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining")
            .SetPreflightMaxAge(TimeSpan.FromHours(1));
    }

    /// <summary>The page's own script and style, and nothing from anywhere else, whatever its script asks for.</summary>
    private static Task FenceDocs(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/api/docs", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.ContentSecurityPolicy =
                "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                + "font-src 'self' data:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        }

        return next(context);
    }

    private static Task LimitBody(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? MostOctets;
        }

        return next(context);
    }
}

using Smtpy.Api;
using Smtpy.Core;
using Smtpy.Core.Domains;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Hosting;

/// <summary>The REST API's services from the settings.</summary>
internal static class ApiSetup
{
    public static IServiceCollection AddSmtpyRestApi(this IServiceCollection services, Settings settings) => services
        .AddSmtpyResolver(settings)
        .AddOwnershipProof(new OwnershipProofOptions(new DataFolder(settings).Secret(), settings.Hostname))
        .AddSmtpyApi(new ApiOptions
        {
            PublicUrl = settings.PublicUrl,
            RequestsPerKey = settings.Api.RequestsPerKey,
            RequestsPerAddress = settings.Api.RequestsPerAddress,
            CorsOrigins = settings.Api.CorsOrigins,
            TrustedProxies = settings.Api.TrustedProxies,
        });
}

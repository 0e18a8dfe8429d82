using Smtpy.Api;
using Smtpy.Core;
using Smtpy.Core.Coordination;
using Smtpy.Core.Domains;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Hosting;

/// <summary>The REST API's services from the settings.</summary>
internal static class ApiSetup
{
    private const string KeyFolder = "keys";

    public static IServiceCollection AddSmtpyRestApi(this IServiceCollection services, Settings settings)
    {
        var secret = new DataFolder(settings).Secret();
        return services
            .AddSmtpyResolver(settings)
            .AddSharedKeyRing(Path.Combine(settings.DataFolder, KeyFolder), secret)
            .AddOwnershipProof(new OwnershipProofOptions(secret, settings.Hostname))
            .AddSmtpyApi(new ApiOptions
            {
                PublicUrl = settings.PublicUrl,
                RequestsPerKey = settings.Api.RequestsPerKey,
                RequestsPerAddress = settings.Api.RequestsPerAddress,
                CorsOrigins = settings.Api.CorsOrigins,
            });
    }
}

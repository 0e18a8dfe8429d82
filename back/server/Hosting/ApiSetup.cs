using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Smtpy.Api;
using Smtpy.Core;
using Smtpy.Core.Backups;
using Smtpy.Core.Coordination;
using Smtpy.Core.Domains;
using Smtpy.Mail.Rewriting;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Hosting;

/// <summary>The REST API's services from the settings.</summary>
internal static class ApiSetup
{
    public static IServiceCollection AddSmtpyRestApi(this IServiceCollection services, Settings settings)
    {
        var secret = new DataFolder(settings).Secret();
        services.TryAddSingleton(provider => new UnsubscribeToken(secret, provider.GetRequiredService<TimeProvider>()));
        services
            .AddSmtpyResolver(settings)
            .AddSharedKeyRing(Path.Combine(settings.DataFolder, BackupContents.KeyRing), secret)
            .AddDomainRecords()
            .AddOwnershipProof(new OwnershipProofOptions(secret, settings.Hostname))
            .AddSmtpyApi(new ApiOptions
            {
                PublicUrl = settings.PublicUrl,
                RequestsPerKey = settings.Api.RequestsPerKey,
                RequestsPerAddress = settings.Api.RequestsPerAddress,
                CorsOrigins = settings.Api.CorsOrigins,
            });
        ReadKeyRingWhenWanted(services);
        return services;
    }

    /// <summary>
    /// The framework reads the key ring, and makes its first key, at the start; the XML that it is made of costs 4 MB. Nothing is
    /// sealed before somebody signs in. To be called last: authentication registers that service, too.
    /// </summary>
    private static void ReadKeyRingWhenWanted(IServiceCollection services)
    {
        var framework = typeof(KeyManagementOptions).Assembly;
        foreach (var reader in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Assembly == framework).ToList())
        {
            services.Remove(reader);
        }
    }
}

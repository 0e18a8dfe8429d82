using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Coordination;

/// <summary>Registers what ties processes together. Without Redis the twins in memory stand in; core registers those.</summary>
public static class CoordinationServices
{
    /// <summary>Redis for counters and signals. To be called before core is added.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services, RedisOptions options) => services
        .AddSingleton(options)
        .AddSingleton<RedisMetrics>()
        .AddSingleton<RedisLink>()
        .AddSingleton<RedisSignals>()
        .AddSingleton<ISignals>(static provider => provider.GetRequiredService<RedisSignals>())
        .AddSingleton<IChangeCarrier, SignalCarrier>()
        .AddSingleton<IRateCounter, RedisRateCounter>()
        .AddSingleton<IFirstSeen, RedisFirstSeen>();

    /// <summary>The keys of ASP.NET Core's data protection (cookies, forms), shared by replicas and sealed with the secret.</summary>
    /// <param name="folder">Where they are kept besides Redis; made when the first one is.</param>
    public static IServiceCollection AddSharedKeyRing(this IServiceCollection services, string folder, ReadOnlyMemory<byte> secret)
    {
        services.AddSingleton(new KeySeal(secret));
        services.AddDataProtection().SetApplicationName("smtpy");
        services.AddOptions<KeyManagementOptions>().Configure<IServiceProvider>((options, provider) =>
        {
            options.XmlRepository = new SharedKeyRing(folder, provider.GetService<RedisLink>());
            options.XmlEncryptor = provider.GetRequiredService<KeySeal>();
        });
        return services;
    }
}

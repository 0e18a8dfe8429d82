using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Smtpy.Api.Keys;
using Smtpy.Core.Coordination;

namespace Smtpy.Api.Http;

/// <summary>
/// Counts requests a minute, by key, and by address for callers without one. All replicas share the count. Not the framework's
/// limiter: addy.io's contract tells the client in every answer what is left.
/// </summary>
internal sealed class RateLimit(RequestDelegate next, IRateCounter counter, ApiOptions options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var (caller, limit) = context.User.KeyId() is { } key
            ? ("key:" + key, options.RequestsPerKey)
            : ("address:" + Network(context.Connection.RemoteIpAddress), options.RequestsPerAddress);
        var count = await counter.CountAsync(caller, context.RequestAborted);
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = Math.Max(0, limit - count.Count).ToString(CultureInfo.InvariantCulture);
        if (count.Count <= limit)
        {
            await next(context);
            return;
        }

        headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(count.Left.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await ApiErrors.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too Many Attempts.");
    }

    /// <summary>One IPv6 customer has a /64 and can change its address at will.</summary>
    private static string Network(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
        {
            address = address.MapToIPv4();
        }

        if (address?.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address?.ToString() ?? "unknown";
        }

        var octets = address.GetAddressBytes();
        octets.AsSpan(8).Clear();
        return new IPAddress(octets).ToString();
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Web.Layout;
using Smtpy.Web.Rendering;

namespace Smtpy.Web.Capture;

/// <summary>Stands before every capture page: who asks, by which name, and what may be done with the answer.</summary>
internal sealed partial class CaptureGuard(WebOptions options, ILogger<CaptureGuard> logger)
{
    /// <summary>Headers that say a proxy stands between: then a client on loopback is the proxy, not the reader.</summary>
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        PageHeaders.Apply(http.Response);
        if (!options.CaptureAccess.AllowRemote && !IsLocal(http))
        {
            return CaptureProblems.RemoteClient();
        }

        if (!IsOwnName(http.Request.Host.Host))
        {
            return CaptureProblems.ForeignHost(options.PublicUrl.IdnHost);
        }

        try
        {
            return await next(context);
        }
        catch (Exception e) when (e is StorageException or IOException)
        {
            LogUnreadable(e);
            return CaptureProblems.StoreUnreadable();
        }
    }

    private static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
        && !Array.Exists(ProxyHeaders, http.Request.Headers.ContainsKey);

    /// <summary>
    /// DNS rebinding: a web site whose own name is made to point here reaches us through the reader's browser, under that
    /// name. A literal address cannot be rebound, so with remote access any will do.
    /// </summary>
    private bool IsOwnName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals(options.PublicUrl.IdnHost, StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var literal)
            && (options.CaptureAccess.AllowRemote || literal.Equals(IPAddress.Loopback) || literal.Equals(IPAddress.IPv6Loopback)));

    [LoggerMessage(Level = LogLevel.Error, Message = "The capture mailbox cannot be read")]
    private partial void LogUnreadable(Exception exception);
}

using Microsoft.AspNetCore.Http;

namespace Smtpy.Web.Rendering;

/// <summary>The response headers that fence in what a page may do, whatever a message manages to put on it.</summary>
internal static class PageHeaders
{
    /// <summary>Policy of our own pages: own stylesheet and images, no script at all, framed by nobody.</summary>
    public const string PagePolicy =
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'none'; frame-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>
    /// Policy of a message's HTML: its own inline style, images it carries itself, nothing from anywhere. The sandbox holds
    /// even where the document is opened outside our frame. Popups let a reader follow a link, in a tab of its own.
    /// </summary>
    public const string MailPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
        + "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

    public static void Apply(HttpResponse response, string policy = PagePolicy)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["X-Robots-Tag"] = "noindex, nofollow";
        headers.CacheControl = "no-store";
    }
}

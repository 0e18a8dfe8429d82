using Microsoft.AspNetCore.Http;
using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Web.Capture;

/// <summary>The whole message as a file, part by part: its size never becomes memory.</summary>
internal sealed class SourceDownload(DeliveryKey key, MessageContent content) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "message/rfc822";
        response.ContentLength = content.Length;
        response.Headers.ContentDisposition = FormattableString.Invariant(
            $"attachment; filename=\"smtpy-{key.MessageId}-{key.Ordinal}.eml\"");
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return;
        }

        for (var part = 0; part < content.PartCount; part++)
        {
            await response.Body.WriteAsync(await content.ReadPartAsync(part, httpContext.RequestAborted), httpContext.RequestAborted);
        }
    }
}

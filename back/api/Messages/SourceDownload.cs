using Microsoft.AspNetCore.Http;
using Smtpy.Mail.Messages;

namespace Smtpy.Api.Messages;

/// <summary>A message as a file, part by part: its size never becomes memory. Never shown: a stranger wrote it.</summary>
internal sealed class SourceDownload(long id, MessageContent content) : IResult
{
    public const string ContentType = "message/rfc822";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;

        // The first part is read before the answer begins: where it cannot be, there is still an error to be answered.
        var octets = await content.ReadPartAsync(0, httpContext.RequestAborted);
        response.ContentType = ContentType;
        response.ContentLength = content.Length;
        response.Headers.ContentDisposition = FormattableString.Invariant($"attachment; filename=\"smtpy-{id}.eml\"");
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        for (var part = 0; ;)
        {
            await response.Body.WriteAsync(octets, httpContext.RequestAborted);
            if (++part == content.PartCount)
            {
                return;
            }

            octets = await content.ReadPartAsync(part, httpContext.RequestAborted);
        }
    }
}

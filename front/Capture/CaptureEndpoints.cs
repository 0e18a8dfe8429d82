using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Web.Mime;
using Smtpy.Web.Rendering;

namespace Smtpy.Web.Capture;

/// <summary>The pages of the capture mailbox.</summary>
internal static class CaptureEndpoints
{
    public const int PageSize = 50;

    private const string MessageRoute = "/{messageId:long}-{ordinal:int}";
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/", Reading, () => Results.Redirect(CaptureUrls.List));

        var guard = routes.ServiceProvider.GetRequiredService<CaptureGuard>();
        var capture = routes.MapGroup(CaptureUrls.List).AddEndpointFilter(guard.InvokeAsync);
        capture.MapMethods(string.Empty, Reading, ListAsync);
        foreach (var tab in Enum.GetValues<CaptureTab>())
        {
            var route = tab == CaptureTab.Text ? MessageRoute : $"{MessageRoute}/{tab.ToString().ToLowerInvariant()}";
            capture.MapMethods(
                route,
                Reading,
                (long messageId, int ordinal, ICaptureMailbox mailbox, CancellationToken cancellationToken) =>
                    ShowAsync(new DeliveryKey(messageId, ordinal), tab, mailbox, cancellationToken));
        }

        capture.MapMethods($"{MessageRoute}/html/body", Reading, HtmlBodyAsync);
        capture.MapMethods($"{MessageRoute}/source.eml", Reading, DownloadAsync);
        capture.MapMethods("/{**rest}", Reading, CaptureProblems.NoPage);
    }

    private static async Task<IResult> ListAsync(
        ICaptureMailbox mailbox, WebOptions options, string? page, CancellationToken cancellationToken)
    {
        var total = await mailbox.CountAsync(cancellationToken);
        var pages = Math.Max(1, (total + PageSize - 1) / PageSize);
        var asked = int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        var shown = Math.Clamp(asked, 1, pages);
        var rows = new List<CaptureRow>(PageSize);
        foreach (var message in await mailbox.ListAsync((shown - 1) * PageSize, PageSize, cancellationToken))
        {
            var content = await mailbox.OpenAsync(message.Key, cancellationToken);
            var prefix = content is null ? null : await MessagePrefix.ReadAsync(content, MessagePrefix.ListOctets, cancellationToken);
            rows.Add(new CaptureRow(message, prefix is null ? null : HeaderSummary.Read(prefix.Octets)));
        }

        return new PageResult<CaptureList, CaptureListModel>(new CaptureListModel(rows, total, shown, pages, options.SmtpServer));
    }

    private static async Task<IResult> ShowAsync(
        DeliveryKey key, CaptureTab tab, ICaptureMailbox mailbox, CancellationToken cancellationToken)
    {
        if (await mailbox.FindAsync(key, cancellationToken) is not { } message)
        {
            return CaptureProblems.NoMessage();
        }

        var content = await ReadAsync(key, mailbox, cancellationToken);
        content = tab switch
        {
            CaptureTab.Html when content?.Mime.Html is { } html => content with { Html = HtmlMail.Read(html, content.Mime.Images) },
            CaptureTab.Headers when content is not null => content with { Headers = HeaderTable.Read(content.Prefix.Octets) },
            _ => content,
        };
        return new PageResult<CaptureMessage, CaptureMessageModel>(new CaptureMessageModel(message, tab, content));
    }

    /// <summary>The message's HTML alone, for the frame on the HTML tab.</summary>
    private static async Task<IResult> HtmlBodyAsync(
        long messageId, int ordinal, ICaptureMailbox mailbox, HttpResponse response, CancellationToken cancellationToken)
    {
        var content = await ReadAsync(new DeliveryKey(messageId, ordinal), mailbox, cancellationToken);
        if (content?.Mime.Html is not { } html)
        {
            return CaptureProblems.NoMessage();
        }

        PageHeaders.Apply(response, PageHeaders.MailPolicy);
        return Results.Content(HtmlMail.Read(html, content.Mime.Images).Document, "text/html; charset=utf-8");
    }

    private static async Task<IResult> DownloadAsync(
        long messageId, int ordinal, ICaptureMailbox mailbox, CancellationToken cancellationToken)
    {
        var key = new DeliveryKey(messageId, ordinal);
        return await mailbox.OpenAsync(key, cancellationToken) is { } content ? new SourceDownload(key, content) : CaptureProblems.NoMessage();
    }

    private static async Task<CaptureContent?> ReadAsync(DeliveryKey key, ICaptureMailbox mailbox, CancellationToken cancellationToken)
    {
        if (await mailbox.OpenAsync(key, cancellationToken) is not { } content)
        {
            return null;
        }

        var prefix = await MessagePrefix.ReadAsync(content, MessagePrefix.PageOctets, cancellationToken);
        return new CaptureContent(prefix, HeaderSummary.Read(prefix.Octets), MimePreview.Read(prefix.Octets, cancellationToken));
    }
}

using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Web.Mime;

namespace Smtpy.Web.Capture;

/// <param name="Summary">Null: the octets are no longer kept.</param>
public sealed record CaptureRow(CapturedMessage Message, HeaderSummary? Summary);

/// <param name="Page">1, 2, …</param>
/// <param name="Pages">At least 1.</param>
public sealed record CaptureListModel(IReadOnlyList<CaptureRow> Rows, int Total, int Page, int Pages, string SmtpServer);

public enum CaptureTab
{
    Text,
    Html,
    Headers,
    Source,
    Attachments,
}

/// <param name="Content">Null: the octets are no longer kept.</param>
public sealed record CaptureMessageModel(CapturedMessage Message, CaptureTab Tab, CaptureContent? Content);

/// <param name="Html">For the HTML tab, else null.</param>
/// <param name="Headers">For the headers tab, else null.</param>
public sealed record CaptureContent(
    MessagePrefix Prefix, HeaderSummary Summary, MimePreview Mime, HtmlMail? Html = null, HeaderTable? Headers = null);

/// <summary>Where things are.</summary>
internal static class CaptureUrls
{
    public const string List = "/capture";

    public static string Message(DeliveryKey key) => FormattableString.Invariant($"{List}/{key.MessageId}-{key.Ordinal}");

    public static string Tab(DeliveryKey key, CaptureTab tab) =>
        tab == CaptureTab.Text ? Message(key) : $"{Message(key)}/{tab.ToString().ToLowerInvariant()}";

    public static string HtmlBody(DeliveryKey key) => $"{Message(key)}/html/body";

    public static string Download(DeliveryKey key) => $"{Message(key)}/source.eml";

    public static string Page(int page) => page == 1 ? List : FormattableString.Invariant($"{List}?page={page}");
}

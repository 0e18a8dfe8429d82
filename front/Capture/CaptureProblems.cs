using Microsoft.AspNetCore.Http;
using Smtpy.Web.Layout;
using Smtpy.Web.Rendering;

namespace Smtpy.Web.Capture;

/// <summary>The answers of the capture pages when there is nothing to show, each with what the reader can do.</summary>
internal static class CaptureProblems
{
    public static IResult RemoteClient() => Page(
        StatusCodes.Status403Forbidden,
        "Only for this machine",
        [
            "The capture mailbox shows all mail of this instance to whoever can open it, so it answers browsers on the same machine only.",
            "To open it to others, start SMTPy with this setting. Whoever reaches this port can then read the mail.",
        ],
        setting: "CAPTURE_WEB=any");

    public static IResult ForeignHost(string publicHost) => Page(
        StatusCodes.Status403Forbidden,
        "Not a name of this server",
        [
            $"The capture mailbox answers to localhost and {publicHost} only, so that no other web site can read it through your browser.",
            "If this server has another name, tell SMTPy its address with this setting.",
        ],
        setting: "PUBLIC_URL=https://mail.example.org");

    public static IResult NoMessage() => Page(
        StatusCodes.Status404NotFound,
        "No such message",
        ["It was never captured, or it was removed to make room for newer ones."],
        wayOut: true);

    public static IResult NoPage() => Page(
        StatusCodes.Status404NotFound,
        "No such page",
        ["There is nothing at this address."],
        wayOut: true);

    public static IResult StoreUnreadable() => Page(
        StatusCodes.Status503ServiceUnavailable,
        "The store cannot be read",
        ["The database did not answer as it should. The log says why; no mail is lost by it."]);

    private static PageResult<Problem, ProblemModel> Page(
        int status, string title, string[] paragraphs, string? setting = null, bool wayOut = false) =>
        new(new ProblemModel(status, title, paragraphs, setting, wayOut), status);
}

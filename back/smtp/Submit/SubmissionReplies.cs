using Smtpy.Mail.Server;

namespace Smtpy.Smtp.Submit;

/// <summary>What is answered to an alias's owner. Each text tells them what to do.</summary>
internal static class SubmissionReplies
{
    public static readonly SmtpReply NullSender = new(550, "5.7.1", "Mail that you submit needs one of your aliases as its envelope sender");

    public static readonly SmtpReply TooManySubmissions = new(452, "4.5.3", "Your account has sent to as many recipients today as it may, try again tomorrow");

    public static readonly SmtpReply TooManyReplies = new(452, "4.7.1", "Your account has sent as many replies today as it may, try again tomorrow");

    public static readonly SmtpReply NotTheOwner = new(
        550, "5.7.1", "Only the owner of the alias may write here; if you are, write from a mailbox that the alias forwards to");

    public static SmtpReply NotYours(string sender, string userName) =>
        new(550, "5.7.1", $"<{Shown(sender)}> is no enabled alias that {Shown(userName)} may send as");

    public static SmtpReply OtherAlias(string reverse, string alias, string sender) =>
        new(550, "5.7.1", $"<{Shown(reverse)}> belongs to <{Shown(alias)}>: send as that alias, not as <{Shown(sender)}>");

    public static SmtpReply OtherFrom(string from, string sender) =>
        new(550, "5.7.1", $"From names <{Shown(from)}> but the envelope sender is <{Shown(sender)}>: both must be the same alias");

    public static SmtpReply NotAuthenticated(string domain) => new(
        550, "5.7.1",
        $"Reply not authenticated: {Shown(domain)} has no passing SPF for this message, nor a DKIM signature over this recipient, so anybody could have sent it; set them up there, or send as the alias by the submission port");

    /// <summary>Reply texts are ASCII, and what a client gave is not to fill them.</summary>
    private static string Shown(string text)
    {
        const int longest = 100;
        return string.Create(Math.Min(text.Length, longest), text, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = source[i] is > ' ' and <= '~' ? source[i] : '?';
            }
        });
    }
}

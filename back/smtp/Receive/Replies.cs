using System.Globalization;
using System.Net;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Judge;

namespace Smtpy.Smtp.Receive;

/// <summary>What SMTPy itself answers, beyond the protocol's own replies. Each text tells the sender's postmaster what to do.</summary>
internal static class Replies
{
    public static readonly SmtpReply SenderOk = new(250, "2.1.0", "Sender ok");
    public static readonly SmtpReply RecipientOk = new(250, "2.1.5", "Recipient ok");
    public static readonly SmtpReply NoSuchAlias = new(550, "5.1.1", "No such address here");
    public static readonly SmtpReply NotAReport = new(550, "5.1.1", "No such address here: it takes delivery reports alone");
    public static readonly SmtpReply RelayingDenied = new(550, "5.7.1", "Relaying denied: that domain is not handled here");

    /// <summary>The owner has switched the alias off "for now". The connection stays open, for the transaction's other recipients.</summary>
    public static readonly SmtpReply AliasDeferred = new(421, "4.2.1", "Address is switched off for now, try again later");
    public static readonly SmtpReply TooManyRecipients = new(452, "4.5.3", "Too many recipients from your address this minute, try again later");
    public static readonly SmtpReply TooManyMessages = new(450, "4.7.1", "Too many messages from your address this minute, try again later");
    public static readonly SmtpReply TooManySignIns = new(454, "4.7.0", "Too many sign-ins have failed; try again in a quarter of an hour");
    public static readonly SmtpReply Loop = new(554, "5.4.6", "Mail loop: this message has been here before, or passed too many hosts");
    public static readonly SmtpReply HeaderTooLarge = new(552, "5.3.4", "The header is larger than 1 MiB, which no mail program writes");
    public static readonly SmtpReply StorageTrouble = new(451, "4.3.0", "Message cannot be stored now, try again later");
    public static readonly SmtpReply StorageFull = new(452, "4.3.1", "Message cannot be stored now: no space left, try again later");

    public static readonly SmtpReply NoMemory = new(452, "4.3.1", "Too much mail comes in at once: no memory for this message, try again later");

    public static readonly SmtpReply SenderBlocked = new(550, "5.7.1", "The recipient does not take mail from this sender");
    public static readonly SmtpReply UnreadableAuthor = new(550, "5.7.1", "From holds no address, or something beside it that is none (RFC 5322 section 3.6.2)");

    public static readonly SmtpReply TooManyAuthors = new(550, "5.7.1", "From names more domains than can be checked (RFC 9989 section 11.5)");
    public static readonly SmtpReply Spam = new(550, "5.7.1", "This message looks like spam");
    public static readonly SmtpReply SpamLater = new(451, "4.7.1", "This message looks odd; try again later");
    public static readonly SmtpReply Greylisted = new(451, "4.7.1", "Greylisted: not seen before, try again in some minutes");

    /// <summary>5.7.1 as RFC 9989 and its forerunners have it.</summary>
    public static SmtpReply DmarcFails(DmarcJudgement dmarc) =>
        new(550, "5.7.1", $"DMARC of {dmarc.Domain} asks to {dmarc.Disposition} this message, and it fails (RFC 9989)");

    /// <summary>5.7.23: RFC 7372 section 3.2. The domain's own explanation is shown as such (RFC 7208 section 8.4).</summary>
    public static SmtpReply SpfFails(SpfJudgement spf, string client)
    {
        var text = $"SPF of {spf.Domain} does not allow mail from {client}";
        return new(550, "5.7.23", spf.Explanation is { Length: > 0 } why ? $"{text}. The domain explains:\n{Cut(why)}" : text);
    }

    public static SmtpReply Listed(IPAddress client, BlockListEntry entry) => new(
        554, "5.7.1", entry.Text.Length > 0 ? $"{client} is listed in {entry.Zone}:\n{entry.Text}" : $"{client} is listed in {entry.Zone}");

    public static SmtpReply TooManyConnections(string hostname) =>
        new(421, "4.7.0", $"{hostname} Too many connections or errors from your address, try again later") { Closes = true };

    public static SmtpReply TooManyErrors(string hostname) =>
        new(421, "4.7.0", $"{hostname} Too many refused recipients from your address, closing") { Closes = true };

    public static SmtpReply Queued(long messageId) =>
        new(250, "2.0.0", "Ok: queued as " + messageId.ToString(CultureInfo.InvariantCulture));

    /// <summary>A reply line has 512 octets (RFC 5321 section 4.5.3.1.5).</summary>
    private static string Cut(string text)
    {
        const int longest = 480;
        return text.Length <= longest ? text : text[..longest];
    }
}

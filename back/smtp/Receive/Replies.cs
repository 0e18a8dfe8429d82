using System.Globalization;
using Smtpy.Mail.Server;

namespace Smtpy.Smtp.Receive;

/// <summary>What SMTPy itself answers, beyond the protocol's own replies. Each text tells the sender's postmaster what to do.</summary>
internal static class Replies
{
    public static readonly SmtpReply SenderOk = new(250, "2.1.0", "Sender ok");
    public static readonly SmtpReply RecipientOk = new(250, "2.1.5", "Recipient ok");
    public static readonly SmtpReply NoSuchAlias = new(550, "5.1.1", "No such address here");
    public static readonly SmtpReply RelayingDenied = new(550, "5.7.1", "Relaying denied: that domain is not handled here");

    /// <summary>The owner has switched the alias off "for now". The connection stays open, for the transaction's other recipients.</summary>
    public static readonly SmtpReply AliasDeferred = new(421, "4.2.1", "Address is switched off for now, try again later");
    public static readonly SmtpReply TooManyRecipients = new(452, "4.5.3", "Too many recipients from your address this minute, try again later");
    public static readonly SmtpReply TooManyMessages = new(450, "4.7.1", "Too many messages from your address this minute, try again later");
    public static readonly SmtpReply RequireTls = new(550, "5.7.30", "REQUIRETLS cannot be guaranteed on the way from here to the mailbox");
    public static readonly SmtpReply Loop = new(554, "5.4.6", "Mail loop: this message has been here before, or passed too many hosts");
    public static readonly SmtpReply StorageTrouble = new(451, "4.3.0", "Message cannot be stored now, try again later");
    public static readonly SmtpReply StorageFull = new(452, "4.3.1", "Message cannot be stored now: no space left, try again later");

    public static SmtpReply TooManyConnections(string hostname) =>
        new(421, "4.7.0", $"{hostname} Too many connections or errors from your address, try again later") { Closes = true };

    public static SmtpReply TooManyErrors(string hostname) =>
        new(421, "4.7.0", $"{hostname} Too many refused recipients from your address, closing") { Closes = true };

    public static SmtpReply Queued(long messageId) =>
        new(250, "2.0.0", "Ok: queued as " + messageId.ToString(CultureInfo.InvariantCulture));
}

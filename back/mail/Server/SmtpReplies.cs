namespace Smtpy.Mail.Server;

/// <summary>The replies a policy needs most, made once.</summary>
public static class SmtpReplies
{
    public static SmtpReply SenderOk { get; } = new(250, "2.1.0", "Sender OK");

    public static SmtpReply RecipientOk { get; } = new(250, "2.1.5", "Recipient OK");

    public static SmtpReply NoSuchRecipient { get; } = new(550, "5.1.1", "No such recipient here");

    public static SmtpReply NotARelay { get; } = new(550, "5.7.1", "This domain is not served here; relaying denied");

    public static SmtpReply StorageTrouble { get; } = new(451, "4.3.0", "Message not stored; try again later");

    public static SmtpReply StorageFull { get; } = new(452, "4.3.1", "No space left to store the message; try again later");
}

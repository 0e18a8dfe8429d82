using System.Globalization;
using System.Text;
using Smtpy.Mail.Bounces;

namespace Smtpy.Mail.Notices;

/// <summary>The part of a delivery status notification that people read: what happened, why, and what to do.</summary>
internal static class DsnText
{
    private const int MaxAddress = 256;
    private const int MaxReply = 500;

    public static string Subject(NotificationAction action) => action switch
    {
        NotificationAction.Failed => "Your message could not be delivered",
        NotificationAction.Delayed => "Your message is delayed",
        NotificationAction.Delivered => "Your message was delivered",
        _ => "Your message was passed on",
    };

    public static string Body(DeliveryNotification notification, string hostname)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"This is the mail server {hostname}.\n\n").Append(Opening(notification)).Append("\n\n");
        foreach (var recipient in notification.Recipients.Take(20))
        {
            text.Append("    ").Append(ReportFields.OneLine(recipient.Address, MaxAddress)).Append('\n');
            if (notification.Action is NotificationAction.Failed or NotificationAction.Delayed)
            {
                text.Append(Reason(recipient));
            }
        }

        if (notification.Recipients.Count > 20)
        {
            text.Append(CultureInfo.InvariantCulture, $"    and {notification.Recipients.Count - 20} more\n");
        }

        return text.Append('\n').Append(Advice(notification)).ToString();
    }

    private static string Opening(DeliveryNotification notification) => notification.Action switch
    {
        NotificationAction.Failed => "Your message could not be delivered to:",
        NotificationAction.Delayed => "Your message has not been delivered yet to:",
        NotificationAction.Delivered => "Your message was delivered to:",
        _ => "Your message was passed on to the next server, which will not report what\nbecomes of it, for:",
    };

    private static string Reason(NotifiedRecipient recipient)
    {
        var reason = "      " + StatusMeaning.Of(recipient.Status) + "\n";
        return recipient is { DiscloseRemote: true, Reply.Length: > 0 }
            ? $"{reason}      The other server said: {ReportFields.OneLine(recipient.Reply, MaxReply)}\n"
            : reason;
    }

    private static string Advice(DeliveryNotification notification) => notification.Action switch
    {
        NotificationAction.Failed =>
            "It will not be tried again. Please check the address, or reach the recipient\nin another way. "
            + "Your message, or its header, is attached.\n",
        NotificationAction.Delayed when notification.WillRetryUntil is { } until =>
            "You need not send it again: delivery is tried until "
            + until.UtcDateTime.ToString("d MMMM yyyy HH:mm", CultureInfo.InvariantCulture) + " UTC.\n"
            + "You will be told if it fails.\n",
        NotificationAction.Delayed => "You need not send it again: delivery is still tried. You will be told if it fails.\n",
        _ => "There is nothing for you to do. You asked for this notification when you sent it.\n",
    };
}

/// <summary>Enhanced status codes in plain words (RFC 3463 section 3).</summary>
internal static class StatusMeaning
{
    public static string Of(string status)
    {
        var tail = status.Length > 2 ? status[2..] : "";
        return tail switch
        {
            "1.1" or "1.6" or "1.3" or "2.1" => "There is no such address, or it is closed.",
            "1.2" or "1.10" => "There is no such domain, or it takes no mail.",
            "2.2" => "The mailbox is full.",
            "2.3" or "3.4" => "The message is too big.",
            "4.1" or "4.2" or "4.4" or "4.7" => "The server for this address could not be reached in time.",
            "4.6" => "The message went round in a loop.",
            "6.7" => "The server for this address does not take addresses beyond ASCII.",
            "7.1" or "7.0" => "The server for this address refused the message.",
            _ when tail.StartsWith("7.", StringComparison.Ordinal) => "The server for this address refused the message for policy or security reasons.",
            _ when status.StartsWith('4') => "The server for this address does not take the message at the moment.",
            _ => "The server for this address did not take the message.",
        };
    }
}

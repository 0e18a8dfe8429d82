namespace Smtpy.Mail.Client;

/// <summary>MAIL and RCPT as they are said for one message (RFC 5321 section 4.1.1), with the parameters the peer offers.</summary>
internal static class EnvelopeCommands
{
    public static void WriteMail(MailDelivery delivery, OutputBuffer output)
    {
        var offered = delivery.Connection.Capabilities;
        output.Write("MAIL FROM:<"u8);
        output.Write(delivery.Envelope.Sender);
        output.Write(">"u8);
        if (offered.Size)
        {
            output.Write(" SIZE="u8);
            output.Write(delivery.Size);
        }

        // RFC 6152 section 3 asks a sender to convert or bounce when the peer lacks 8BITMIME. Converting breaks signatures and
        // practically every server passes eight bits, so the octets go as they are, as from Exim and qmail.
        if (offered.EightBitMime && delivery.EightBit)
        {
            output.Write(" BODY=8BITMIME"u8);
        }

        if (delivery.NeedsUtf8)
        {
            output.Write(" SMTPUTF8"u8);
        }

        if (delivery.Envelope.RequireTls)
        {
            output.Write(" REQUIRETLS"u8);
        }

        output.Write("\r\n"u8);
    }

    public static void WriteRecipient(MailDelivery delivery, int recipient, OutputBuffer output)
    {
        output.Write("RCPT TO:<"u8);
        output.Write(delivery.Envelope.Recipients[recipient]);
        output.Write(">\r\n"u8);
    }
}

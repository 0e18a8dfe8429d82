using System.Text;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Messages;

namespace Smtpy.Mail.Client;

/// <summary>
/// One message on one connection: what can be judged before anything is said, then as many transactions as its recipients need.
/// </summary>
internal sealed class MailDelivery(
    SmtpClientConnection connection, SmtpEnvelope envelope, ReadOnlyMemory<byte> head, MessageContent content)
{
    private readonly RecipientOutcome[] _outcomes = new RecipientOutcome[envelope.Recipients.Count];

    public SmtpClientConnection Connection => connection;

    public SmtpEnvelope Envelope => envelope;

    public ReadOnlyMemory<byte> Head => head;

    public MessageContent Content => content;

    /// <summary>Part 0, read before anything is said: storage trouble must not cost a transaction.</summary>
    public ReadOnlyMemory<byte> FirstPart { get; private set; }

    public bool EightBit { get; private set; }

    /// <summary>MAIL was answered at least once, with anything but 421.</summary>
    public bool MailAnswered { get; set; }

    public bool NeedsUtf8 { get; private set; }

    public long Size => head.Length + content.Length;

    public async Task<SendResult> RunAsync(CancellationToken cancellationToken)
    {
        Screen();
        try
        {
            await SendAsync(cancellationToken);
        }
        catch (PeerLostException e)
        {
            connection.Lose(e.Message);
            SettleRest(SendStatus.Deferred, e.Reply);
            return Result(untouched: !MailAnswered, cancellationToken.IsCancellationRequested);
        }
        catch (IOException e)
        {
            connection.Lose("the stored message cannot be read");
            SettleRest(SendStatus.Deferred, new PeerReply(451, "4.3.0", "the stored message cannot be read: " + e.Message));
        }
        catch (OperationCanceledException)
        {
            connection.Lose("given up by us");
            SettleRest(SendStatus.Deferred, new PeerReply(451, "4.4.2", "given up by us"));
            return Result(untouched: false, cancelled: true);
        }

        return Result(untouched: false, cancelled: false);
    }

    public bool IsPending(int recipient) => _outcomes[recipient].Status == SendStatus.Unanswered;

    public void Settle(int recipient, SendStatus status, PeerReply reply) => _outcomes[recipient] = new RecipientOutcome(status, reply);

    /// <summary>Everybody who has no outcome yet gets this one.</summary>
    public void SettleRest(SendStatus status, PeerReply reply)
    {
        for (var i = 0; i < _outcomes.Length; i++)
        {
            if (IsPending(i))
            {
                Settle(i, status, reply);
            }
        }
    }

    private SendResult Result(bool untouched, bool cancelled) => new(_outcomes, untouched, cancelled);

    private bool HasPending()
    {
        foreach (var outcome in _outcomes)
        {
            if (outcome.Status == SendStatus.Unanswered)
            {
                return true;
            }
        }

        return false;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        if (!HasPending())
        {
            return;
        }

        FirstPart = await content.ReadPartAsync(0, cancellationToken);

        // A message of several parts is not read twice to learn this: announcing 8-bit octets that never come is allowed.
        EightBit = content.PartCount > 1 || !Ascii.IsValid(FirstPart.Span) || !Ascii.IsValid(head.Span);
        NeedsUtf8 |= envelope.SmtpUtf8 && connection.Capabilities.SmtpUtf8 && HasEightBitHeader();
        do
        {
            await new MailTransaction(this).RunAsync(cancellationToken);
            if (connection.Closing is { } announced)
            {
                SettleRest(SendStatus.Deferred, announced);
            }

            if (HasPending() && content.PartCount > 1)
            {
                // The memory of part 0 was valid until another part was read.
                FirstPart = await content.ReadPartAsync(0, cancellationToken);
            }
        }
        while (HasPending());
    }

    /// <summary>The header may end in the head or in what follows; beyond the first part no header that matters reaches.</summary>
    private bool HasEightBitHeader()
    {
        var length = new HeaderBlock(head.Span).Length;
        return !Ascii.IsValid(head.Span[..length])
            || (length == head.Length && !Ascii.IsValid(FirstPart.Span[..new HeaderBlock(FirstPart.Span).Length]));
    }

    /// <summary>Refuses what would break the command line or what this peer cannot take, without troubling it.</summary>
    private void Screen()
    {
        var offered = connection.Capabilities;
        var senderNeedsUtf8 = !Ascii.IsValid(envelope.Sender);
        if (!EnvelopeAddress.IsSafe(envelope.Sender))
        {
            SettleRest(SendStatus.Refused, new PeerReply(553, "5.1.7", "the sender address cannot stand in an SMTP command"));
        }
        else if (envelope.RequireTls && !connection.KeepsRequireTls)
        {
            SettleRest(SendStatus.Refused, SmtpClientConnection.RequireTlsRefusal(connection));
        }
        else if (offered.MaxSize > 0 && Size > offered.MaxSize)
        {
            SettleRest(SendStatus.Refused, new PeerReply(552, "5.3.4", $"the message has {Size} octets, the server takes {offered.MaxSize}"));
        }

        NeedsUtf8 = senderNeedsUtf8;
        for (var i = 0; i < _outcomes.Length; i++)
        {
            var address = envelope.Recipients[i];
            var needsUtf8 = !Ascii.IsValid(address);
            if (!IsPending(i))
            {
                continue;
            }

            if (address.Length == 0 || !EnvelopeAddress.IsSafe(address))
            {
                Settle(i, SendStatus.Refused, new PeerReply(553, "5.1.3", "the recipient address cannot stand in an SMTP command"));
            }
            else if ((needsUtf8 || senderNeedsUtf8) && !offered.SmtpUtf8)
            {
                // RFC 6531 section 3.2: such a message must not be sent; 5.6.7 is RFC 6531 section 3.5's code for it.
                Settle(i, SendStatus.Refused, new PeerReply(553, "5.6.7", "the address needs SMTPUTF8, which the server does not offer"));
            }
            else
            {
                NeedsUtf8 |= needsUtf8;
            }
        }
    }
}

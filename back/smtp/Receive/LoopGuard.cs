using Smtpy.Core.Aliases;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Rewrite;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// Recognises a message that is going in circles by the trace it carries: too many Received fields (RFC 5321 section 6.3),
/// or a Delivered-To naming an alias it is to be delivered to once more (RFC 9228).
/// </summary>
internal sealed class LoopGuard
{
    private List<string>? _deliveredTo;

    /// <summary>Received fields, our own of this reception included.</summary>
    public int Hops { get; private set; }

    /// <param name="octets">The message from its first octet, the whole header at least.</param>
    public void Read(ReadOnlySpan<byte> octets)
    {
        foreach (var field in new HeaderBlock(octets))
        {
            if (field.Is("Received"u8))
            {
                Hops++;
            }
            else if (field.Is("Delivered-To"u8))
            {
                (_deliveredTo ??= []).Add(field.Value());
            }
        }
    }

    public bool IsLoop(IReadOnlyList<SmtpRecipient> recipients, int maxHops)
    {
        if (Hops - 1 > maxHops)
        {
            return true;
        }

        if (_deliveredTo is null)
        {
            return false;
        }

        foreach (var recipient in recipients)
        {
            // An address that goes nowhere cannot be a part of a circle; both spellings, with and without "+extension", can.
            if (recipient.PolicyState is AliasLookup { Outcome: AliasOutcome.Forward } route
                && (WasDeliveredTo(recipient.Address) || WasDeliveredTo(route.Address)))
            {
                return true;
            }
        }

        return false;
    }

    private bool WasDeliveredTo(string address) =>
        _deliveredTo!.Exists(seen => TraceAddress.IsSame(seen, address));
}

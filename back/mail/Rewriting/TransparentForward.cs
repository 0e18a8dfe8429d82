using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Rewriting;

/// <summary>
/// Transparent mode: nothing is touched but the trace on top, and From only where the caller says that the sender's DMARC
/// policy would have the forward refused.
/// </summary>
public static class TransparentForward
{
    /// <param name="header">A header block, or a message that begins with one.</param>
    /// <param name="trace">Whole fields that go on top (Delivered-To, Received, Authentication-Results …).</param>
    /// <param name="newFrom">Takes the place of From; the old one goes to Reply-To if there is none. Null leaves From alone.</param>
    /// <returns>The new block without the empty line that ends it.</returns>
    public static ReadOnlyMemory<byte> Rewrite(ReadOnlySpan<byte> header, ReadOnlySpan<byte> trace, Mailbox? newFrom = null)
    {
        var block = new HeaderBlock(header);
        var output = new HeaderOutput(block.Length + trace.Length + 512);
        output.Raw(trace);
        if (newFrom is null)
        {
            output.Raw(header[..block.Length]);
            return output.Written;
        }

        var replaced = false;
        foreach (var field in block)
        {
            if (!field.Is("From"u8))
            {
                output.Keep(field);
            }
            else if (!replaced)
            {
                output.Mailboxes("From"u8, [newFrom]);
                replaced = true;
            }
        }

        if (!replaced)
        {
            output.Mailboxes("From"u8, [newFrom]);
        }

        if (!block.TryFind("Reply-To"u8, out _) && Author.Read(header) is { Mailboxes: { Count: > 0 } authors })
        {
            output.Mailboxes("Reply-To"u8, authors);
        }

        return output.Written;
    }
}

using Smtpy.Mail.Messages;

namespace Smtpy.Mail.Client;

/// <summary>
/// Sends a message after 354: dots doubled, a final CRLF added where it is missing, then the dot (RFC 5321 section 4.1.1.4).
/// What is small leaves in one write together with the final dot; long stretches leave from their own memory.
/// </summary>
internal sealed class ContentWriter(SmtpDialog dialog, TimeSpan blockTimeout)
{
    /// <summary>Octets gathered before they are written. 64 KiB: a copy of that size costs less than a second system call.</summary>
    private const int Gather = 64 * 1024;

    /// <summary>Most octets of one write, all under one timeout.</summary>
    private const int MaxBlock = 256 * 1024;

    private readonly DotStuffer _stuffer = new();

    /// <param name="first">Part 0 of the content, which the caller has read already.</param>
    /// <returns>False: there is a bare CR or LF; the message is not ended, and the connection must be given up.</returns>
    /// <exception cref="IOException">A part cannot be read; the same holds.</exception>
    public async ValueTask<bool> WriteAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> first, MessageContent content, CancellationToken cancellationToken)
    {
        if (!await WritePartAsync(head) || !await WritePartAsync(first))
        {
            return false;
        }

        for (var part = 1; part < content.PartCount; part++)
        {
            if (!await WritePartAsync(await content.ReadPartAsync(part, cancellationToken)))
            {
                return false;
            }
        }

        if (_stuffer.AfterCr)
        {
            return false;
        }

        dialog.Output.Write(_stuffer.AtLineStart ? ".\r\n"u8 : "\r\n.\r\n"u8);
        await FlushAsync();
        return true;
    }

    private async ValueTask<bool> WritePartAsync(ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            var asIs = _stuffer.Take(rest.Span);
            if (asIs < 0)
            {
                return false;
            }

            if (dialog.Output.Length + asIs < Gather)
            {
                dialog.Output.Write(rest.Span[..asIs]);
            }
            else
            {
                await WriteLongAsync(rest[..asIs]);
            }

            rest = rest[asIs..];
            if (!rest.IsEmpty)
            {
                dialog.Output.Write("."u8);
            }
        }

        return true;
    }

    private async ValueTask WriteLongAsync(ReadOnlyMemory<byte> octets)
    {
        var fill = Math.Min(octets.Length, Math.Max(0, Gather - dialog.Output.Length));
        if (dialog.Output.Length > 0)
        {
            dialog.Output.Write(octets.Span[..fill]);
            octets = octets[fill..];
            await FlushAsync();
        }

        while (octets.Length >= Gather)
        {
            var block = octets[..Math.Min(octets.Length, MaxBlock)];
            dialog.Transport.Limit(blockTimeout, "sending the message");
            await dialog.Transport.SendAsync(block);
            octets = octets[block.Length..];
        }

        dialog.Output.Write(octets.Span);
    }

    private ValueTask FlushAsync()
    {
        dialog.Transport.Limit(blockTimeout, "sending the message");
        return dialog.FlushAsync();
    }
}

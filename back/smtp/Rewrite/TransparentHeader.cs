using Smtpy.Mail.Addresses;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Smtp.Rewrite;

/// <summary>
/// The header of a forward in transparent mode, without our own trace: the sender's, octet for octet, unless a subject template is asked
/// for, the sender's DMARC policy would have the forward refused, or nobody is named in From.
/// </summary>
internal sealed class TransparentHeader(ContactAddresses contacts, RewriteOptions options)
{
    /// <param name="isBodyChanged">The author's signature cannot hold any more.</param>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read or written.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> WriteAsync(
        Forwarding forwarding, ReadOnlyMemory<byte> header, bool isBodyChanged, CancellationToken cancellationToken)
    {
        if (HasForged(header.Span))
        {
            // RFC 8601 section 5: who trusts our results must not find others' under our name.
            header = new HeaderEdit().Remove((in HeaderField field) => ForgedResults.IsForged(field, options.Hostname)).Apply(header.Span);
        }

        var newFrom = MustReplaceFrom(forwarding, header.Span, isBodyChanged) ? await FromAsync(forwarding, header, cancellationToken) : null;
        if (forwarding.Handling.SubjectTemplate is { } template)
        {
            header = WithSubject(forwarding, template, header.Span);
        }

        return newFrom is null ? header : TransparentForward.Rewrite(header.Span, default, newFrom);
    }

    /// <summary>
    /// SPF cannot pass for the author's domain behind us; a signature of the author's can, where all that it covers stays. Without From,
    /// receivers refuse the message, or clients show Sender, which nobody judged.
    /// </summary>
    private static bool MustReplaceFrom(Forwarding forwarding, ReadOnlySpan<byte> header, bool isBodyChanged) =>
        Author.Read(header).Kind == AuthorKind.Missing
        || (forwarding.Judgement.Dmarc?.Policy is "quarantine" or "reject"
            && (!forwarding.Judgement.IsSignedByAuthor || isBodyChanged || forwarding.Handling.SubjectTemplate is not null));

    private bool HasForged(ReadOnlySpan<byte> header)
    {
        foreach (var field in new HeaderBlock(header))
        {
            if (ForgedResults.IsForged(field, options.Hostname))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null where there is nobody whom an answer could reach: then the receiver decides.</summary>
    private async ValueTask<Mailbox?> FromAsync(Forwarding forwarding, ReadOnlyMemory<byte> header, CancellationToken cancellationToken)
    {
        var author = Author.Read(header.Span).First ?? (forwarding.EnvelopeSender is { } sender ? new Mailbox("", sender) : null);
        if (author is null)
        {
            return null;
        }

        var found = await contacts.FindAsync(forwarding, [author], cancellationToken);
        return ContactAddresses.ReverseOf(found, author.Address) is { } reverse
            ? new Mailbox(ContactName.Format(forwarding.Handling.FromFormat, author), reverse)
            : null;
    }

    private static ReadOnlyMemory<byte> WithSubject(Forwarding forwarding, string template, ReadOnlySpan<byte> header)
    {
        var has = new HeaderBlock(header).TryFind("Subject"u8, out var field);
        var old = has ? EncodedWords.Decode(field.RawValue.Trim(" \t\r\n"u8)) : "";
        var output = new HeaderOutput(256);
        output.Text("Subject"u8, SubjectTemplate.Apply(template, old, forwarding.Alias, Author.Read(header).First));
        var edit = has ? new HeaderEdit().Replace("Subject", output.Written) : new HeaderEdit().Append(output.Written);
        return edit.Apply(header);
    }
}

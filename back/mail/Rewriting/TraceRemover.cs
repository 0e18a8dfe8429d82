using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Mime;

namespace Smtpy.Mail.Rewriting;

/// <summary>What became of a message.</summary>
/// <param name="Remaining">Where a private address is still to be found: in parts that cannot be changed (signed, encrypted, binary).</param>
public sealed record TraceRemoval(ReadOnlyMemory<byte> Message, bool IsChanged, IReadOnlyList<Trace> Remaining);

/// <summary>
/// Takes the owner's addresses out of a message that goes to a contact: header fields of the message and of its parts, text
/// parts in any transfer encoding, boundaries, and Content-IDs at the mailbox's domain with the links to them. All other
/// parts keep their octets.
/// </summary>
public static class TraceRemover
{
    /// <param name="message">The whole message, its header rewritten already (<see cref="ReplyRewriter"/>).</param>
    public static TraceRemoval Remove(ReadOnlyMemory<byte> message, TraceSet traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        var rewriter = new Rewriter(traces.WithIdentifiers(ContentIds.Read(message.Span, traces)));
        var octets = rewriter.Rewrite(message.Span);
        var isChanged = !message.Span.SequenceEqual(octets);
        return new TraceRemoval(isChanged ? octets : message, isChanged, TraceFinder.Find(octets, traces));
    }

    private sealed class Rewriter(TraceSet traces) : EntityRewriter
    {
        protected override void Fields(ReadOnlySpan<byte> header, EntityHead head, string? newBoundary, IBufferWriter<byte> output)
        {
            var fields = new HeaderOutput(header.Length + 64);
            foreach (var field in new HeaderBlock(header))
            {
                if (newBoundary is not null && field.Is("Content-Type"u8))
                {
                    WriteBoundary(field, head.Boundary, newBoundary, fields);
                }
                else
                {
                    HeaderTraces.Write(field, traces, fields);
                }
            }

            output.Write(fields.Written.Span);
        }

        protected override string? Boundary(string boundary)
        {
            var isPrivate = traces.Contains(Encoding.Latin1.GetBytes(boundary))
                || traces.Replacements.Any(r => r.IsPrivate && boundary.Contains(r.Address.Domain, StringComparison.OrdinalIgnoreCase));
            return isPrivate ? "=_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(boundary)).AsSpan(0, 16)) : null;
        }

        protected override void Gap(ReadOnlySpan<byte> octets, IBufferWriter<byte> output) => output.Write(traces.Replace(octets) ?? octets);

        protected override ReadOnlyMemory<byte>? Leaf(EntityHead head, ReadOnlySpan<byte> body, out TransferKind transfer)
        {
            transfer = head.Transfer;
            if (!head.IsText && !head.Type.StartsWith("message/", StringComparison.Ordinal))
            {
                return null;
            }

            var text = PartText.Read(head, body);
            var unfolded = head.HasFoldedLines ? traces.Replace(FoldedLines.Unfold(text.Octets)) : null;
            if ((unfolded ?? traces.Replace(text.Octets)) is not { } replaced)
            {
                return null;
            }

            return text.Encode(replaced, body, out transfer);
        }

        /// <summary>In place where the boundary is spelt out; where it is in pieces (RFC 2231) the field is written anew.</summary>
        private void WriteBoundary(in HeaderField field, string boundary, string newBoundary, HeaderOutput fields)
        {
            var old = Encoding.Latin1.GetBytes(boundary);
            if (field.Raw.IndexOf(old) is >= 0 and var at)
            {
                byte[] renamed = [.. field.Raw[..at], .. Encoding.ASCII.GetBytes(newBoundary), .. field.Raw[(at + old.Length)..]];
                var head = EntityHead.Read(renamed);
                if (head.Boundary.Equals(newBoundary, StringComparison.Ordinal))
                {
                    var block = new HeaderBlock(renamed).GetEnumerator();
                    block.MoveNext();
                    HeaderTraces.Write(block.Current, traces, fields);
                    return;
                }
            }

            var type = MimeKit.ContentType.TryParse(field.RawValue.Trim(" \t\r\n"u8).ToArray(), out var parsed) ? parsed.MimeType : "multipart/mixed";
            fields.Text("Content-Type"u8, $"{type}; boundary=\"{newBoundary}\"");
        }
    }
}

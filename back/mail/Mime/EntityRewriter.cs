using System.Buffers;
using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Mime;

/// <summary>
/// Walks the parts of a message and copies them; what a derived class does not change keeps its octets. Signed and encrypted
/// parts are copied whole.
/// </summary>
internal abstract class EntityRewriter
{
    /// <summary>Nesting; mail clients nest some four levels, and forwarded mail in forwarded mail a few more.</summary>
    private const int Deepest = 32;

    /// <summary>Parts of one message; all further ones are copied without a look.</summary>
    private const int MostParts = 1000;

    private int _parts;

    /// <param name="message">A whole message: header, empty line, body.</param>
    public byte[] Rewrite(ReadOnlySpan<byte> message)
    {
        var output = new ArrayBufferWriter<byte>(message.Length + 1024);
        Entity(message, output, 0);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A changed body, encoded as it is to be sent; null leaves header and body of the part alone.</summary>
    /// <param name="transfer">The encoding it now has.</param>
    protected abstract ReadOnlyMemory<byte>? Leaf(EntityHead head, ReadOnlySpan<byte> body, out TransferKind transfer);

    /// <summary>Writes the header fields of a part.</summary>
    /// <param name="newBoundary">Takes the place of the boundary; null where it stays.</param>
    protected virtual void Fields(ReadOnlySpan<byte> header, EntityHead head, string? newBoundary, IBufferWriter<byte> output) => output.Write(header);

    /// <summary>A new boundary for a multipart; null for the old one.</summary>
    protected virtual string? Boundary(string boundary) => null;

    /// <summary>Writes what stands before the first part or after the last one.</summary>
    protected virtual void Gap(ReadOnlySpan<byte> octets, IBufferWriter<byte> output) => output.Write(octets);

    /// <summary>Whether signed and encrypted parts are walked through like others.</summary>
    protected virtual bool OpensProtected => false;

    /// <summary>A part beyond the limits of depth and number: it is copied without a look into it.</summary>
    protected virtual void Unsearched(ReadOnlySpan<byte> entity)
    {
    }

    /// <summary>A look at a part that is copied whole because it is signed or encrypted.</summary>
    protected virtual void Protected(ReadOnlySpan<byte> entity)
    {
    }

    private void Entity(ReadOnlySpan<byte> entity, IBufferWriter<byte> output, int depth)
    {
        var block = new HeaderBlock(entity);
        var headerLength = block.Length;
        var header = entity[..headerLength];
        var rest = entity[headerLength..];
        var separator = rest.StartsWith("\r\n"u8) ? 2 : rest.StartsWith("\n"u8) ? 1 : 0;
        var body = rest[separator..];
        var head = EntityHead.Read(header);
        if (depth > Deepest || ++_parts > MostParts)
        {
            Unsearched(entity);
            output.Write(entity);
        }
        else if (head.IsProtected && !OpensProtected)
        {
            Protect(entity, header, head, output, depth);
        }
        else if (head.IsMultipart)
        {
            var newBoundary = Boundary(head.Boundary);
            Fields(header, head, newBoundary, output);
            output.Write(rest[..separator]);
            Parts(body, head.Boundary, newBoundary, output, depth);
        }
        else if (head.IsMessage)
        {
            Fields(header, head, null, output);
            output.Write(rest[..separator]);
            Entity(body, output, depth + 1);
        }
        else
        {
            WriteLeaf(header, rest[..separator], body, head, output);
        }
    }

    /// <summary>Only the header of the message itself is none of the signature's business.</summary>
    private void Protect(ReadOnlySpan<byte> entity, ReadOnlySpan<byte> header, EntityHead head, IBufferWriter<byte> output, int depth)
    {
        Protected(entity);
        if (depth > 0)
        {
            output.Write(entity);
            return;
        }

        Fields(header, head, null, output);
        output.Write(entity[header.Length..]);
    }

    private void WriteLeaf(ReadOnlySpan<byte> header, ReadOnlySpan<byte> separator, ReadOnlySpan<byte> body, EntityHead head, IBufferWriter<byte> output)
    {
        var changed = Leaf(head, body, out var transfer);
        if (changed is not null && transfer != head.Transfer)
        {
            header = WithTransfer(header, transfer).Span;
        }

        Fields(header, head, null, output);
        output.Write(separator.IsEmpty && changed is not null ? "\r\n"u8 : separator);
        output.Write(changed is null ? body : changed.Value.Span);
    }

    private static ReadOnlyMemory<byte> WithTransfer(ReadOnlySpan<byte> header, TransferKind transfer)
    {
        var field = Encoding.ASCII.GetBytes($"Content-Transfer-Encoding: {(transfer == TransferKind.Base64 ? "base64" : "quoted-printable")}\r\n");
        return new HeaderEdit().Remove("Content-Transfer-Encoding").Append(field).Apply(header);
    }

    private void Parts(ReadOnlySpan<byte> body, string boundary, string? newBoundary, IBufferWriter<byte> output, int depth)
    {
        var delimiters = new Delimiters(boundary);
        var position = 0;
        var isFirst = true;
        while (true)
        {
            var found = delimiters.TryFind(body, position, out var start, out var line, out var end, out var isClose);
            var before = body[position..(found ? start : body.Length)];
            if (isFirst)
            {
                Gap(before, output);
            }
            else
            {
                Entity(before, output, depth + 1);
            }

            if (!found)
            {
                return;
            }

            isFirst = false;
            output.Write(body[start..line]);
            output.Write("--"u8);
            output.Write(Encoding.Latin1.GetBytes(newBoundary ?? boundary));
            output.Write(body[(line + 2 + boundary.Length)..end]);
            position = end;
            if (isClose)
            {
                Gap(body[position..], output);
                return;
            }
        }
    }
}

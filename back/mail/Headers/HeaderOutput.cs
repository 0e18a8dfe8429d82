using System.Buffers;
using System.Text;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Headers;

/// <summary>
/// A header block in the making: fields copied as they are spelt, and new ones. The buffer is the one allocation and grows
/// only where more is added than the room given.
/// </summary>
/// <param name="room">Octets expected, in general those of the old block and some hundred more.</param>
public sealed class HeaderOutput(int room)
{
    private readonly ArrayBufferWriter<byte> _output = new(Math.Max(room, 256));

    /// <summary>The fields so far, without the empty line that ends a header.</summary>
    public ReadOnlyMemory<byte> Written => _output.WrittenMemory;

    internal IBufferWriter<byte> Buffer => _output;

    /// <summary>
    /// Copies a field octet by octet. Where it breaks the rules of the wire (a bare CR or LF, NUL, a line over 998 octets, no
    /// line end) it is repaired: mail with such a line is refused by receivers.
    /// </summary>
    public void Keep(in HeaderField field)
    {
        if (IsSound(field.Raw))
        {
            _output.Write(field.Raw);
        }
        else
        {
            Repair(field.Raw);
        }
    }

    /// <summary>Copies octets that are whole fields already, such as a Received field.</summary>
    public void Raw(ReadOnlySpan<byte> fields) => _output.Write(fields);

    /// <summary>A field of unstructured text, encoded and folded as needed.</summary>
    public void Text(ReadOnlySpan<byte> name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var field = new FoldedField(_output, name);
        field.Text(text);
        field.End();
    }

    /// <summary>A field of words that stand as they are: message identifiers, URIs in angle brackets.</summary>
    public void Words(ReadOnlySpan<byte> name, IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var field = new FoldedField(_output, name);
        foreach (var word in words)
        {
            field.Word(Encoding.UTF8.GetBytes(word));
        }

        field.End();
    }

    /// <summary>A field of mailboxes (RFC 5322 section 3.6.3).</summary>
    /// <param name="leftOut">Recipients that are not named; an empty group says how many (RFC 5322 section 3.4).</param>
    public void Mailboxes(ReadOnlySpan<byte> name, IReadOnlyList<Mailbox> mailboxes, int leftOut = 0)
    {
        ArgumentNullException.ThrowIfNull(mailboxes);
        var field = new FoldedField(_output, name);
        for (var i = 0; i < mailboxes.Count; i++)
        {
            if (i > 0)
            {
                field.Attach((byte)',');
            }

            if (mailboxes[i].DisplayName.Length > 0)
            {
                field.Phrase(mailboxes[i].DisplayName);
            }

            field.Word(Encoding.UTF8.GetBytes($"<{mailboxes[i].Address.Address}>"));
        }

        if (leftOut > 0)
        {
            if (mailboxes.Count > 0)
            {
                field.Attach((byte)',');
            }

            field.Word(Encoding.ASCII.GetBytes($"{leftOut}-more-recipients:;"));
        }
        else if (mailboxes.Count == 0)
        {
            field.Word("undisclosed-recipients:;"u8);
        }

        field.End();
    }

    /// <summary>Whether the lines of a field are fit for the wire: CRLF at each end and nowhere else, no NUL, at most 998 octets (RFC 5322 section 2.1.1).</summary>
    public static bool IsSound(ReadOnlySpan<byte> raw)
    {
        if (raw.Contains((byte)0) || !raw.EndsWith("\r\n"u8))
        {
            return false;
        }

        while (!raw.IsEmpty)
        {
            var end = raw.IndexOfAny((byte)'\r', (byte)'\n');
            if (end > FoldedField.LongestLine || !raw[end..].StartsWith("\r\n"u8))
            {
                return false;
            }

            raw = raw[(end + 2)..];
        }

        return true;
    }

    private void Repair(ReadOnlySpan<byte> raw)
    {
        raw = raw.TrimEnd("\r\n"u8);
        var column = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            switch (raw[i])
            {
                case (byte)'\n':
                    // HeaderBlock gives no line end inside a field that white space does not follow.
                    _output.Write("\r\n"u8);
                    column = 0;
                    break;
                case (byte)'\r' or 0:
                    break;
                default:
                    if (column == FoldedField.LongestLine - 1)
                    {
                        _output.Write("\r\n "u8);
                        column = 1;
                    }

                    _output.Write(raw.Slice(i, 1));
                    column++;
                    break;
            }
        }

        _output.Write("\r\n"u8);
    }
}

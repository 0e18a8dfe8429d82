using System.Text;
using MimeKit;
using MimeKit.Utils;
using Smtpy.Web.Rendering;

namespace Smtpy.Web.Mime;

/// <summary>The author of a message: a name as decoded (may be empty) and an address (may be empty where it cannot be read).</summary>
public sealed record Author(string Name, string Address);

/// <summary>The header fields a person knows a message by, decoded (RFC 2047); null where the message has no such field.</summary>
public sealed record HeaderSummary(Author? From, string? To, string? Subject, string? Date)
{
    /// <summary>Decoding stops here: enough for any honest field, and a bound on the work a hostile one makes.</summary>
    private const int MaxFieldOctets = 4 * 1024;

    private const int MaxCharacters = 400;

    public static HeaderSummary Read(ReadOnlyMemory<byte> octets)
    {
        byte[]? from = null, to = null, subject = null, date = null;
        foreach (var field in HeaderFields.Split(octets))
        {
            if (Is(field, "From"u8))
            {
                from ??= Bounded(field);
            }
            else if (Is(field, "To"u8))
            {
                to ??= Bounded(field);
            }
            else if (Is(field, "Subject"u8))
            {
                subject ??= Bounded(field);
            }
            else if (Is(field, "Date"u8))
            {
                date ??= Bounded(field);
            }
        }

        return new HeaderSummary(from is null ? null : ReadAuthor(from), DecodeText(to), DecodeText(subject), DecodeText(date));
    }

    private static bool Is(RawField field, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(field.Name.Span, name);

    private static byte[] Bounded(RawField field) =>
        field.Value[..Math.Min(field.Value.Length, MaxFieldOctets)].ToArray();

    private static Author ReadAuthor(byte[] value)
    {
        if (InternetAddressList.TryParse(value, out var list) && list.Mailboxes.FirstOrDefault() is { } mailbox)
        {
            return new Author(Line(mailbox.Name ?? string.Empty), Line(mailbox.Address));
        }

        return new Author(DecodeText(value) ?? string.Empty, string.Empty);
    }

    private static string? DecodeText(byte[]? value) => value is null ? null : Line(Rfc2047.DecodeText(value));

    /// <summary>One line: folds become single spaces.</summary>
    private static string Line(string text) =>
        Display.Visible(Display.Shorten(string.Join(' ', text.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)), MaxCharacters));
}

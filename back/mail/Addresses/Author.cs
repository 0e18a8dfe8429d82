using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Addresses;

/// <summary>How a message names its author.</summary>
public enum AuthorKind
{
    /// <summary>No From field, or an empty one.</summary>
    Missing = 0,

    /// <summary>One From field with one address and nothing else: the only sound kind.</summary>
    One = 1,

    /// <summary>Several addresses, or several From fields, which RFC 5322 section 3.6 forbids: clients differ in which one they show.</summary>
    Several = 2,

    /// <summary>There is something that is no address or no whole field, beside one or alone.</summary>
    Unreadable = 3,
}

/// <summary>Who wrote a message, as mail clients show it; what DMARC judges (RFC 9989).</summary>
/// <param name="Mailboxes">All addresses of all From fields in order; with <see cref="AuthorKind.Unreadable"/> those that could be read.</param>
public sealed record Author(AuthorKind Kind, IReadOnlyList<Mailbox> Mailboxes)
{
    /// <summary>The first one, whom a reply goes to.</summary>
    public Mailbox? First => Mailboxes.Count > 0 ? Mailboxes[0] : null;

    /// <param name="header">A header block, or a message that begins with one.</param>
    public static Author Read(ReadOnlySpan<byte> header)
    {
        var (fields, hidden) = (0, 0);
        var list = AddressList.Empty;
        foreach (var field in new HeaderBlock(header))
        {
            if (!field.Is("From"u8))
            {
                hidden += IsFoldedFrom(field) ? 1 : 0;
                continue;
            }

            var more = AddressList.Parse(field.RawValue);
            list = fields == 0 ? more : new AddressList([.. list.Mailboxes, .. more.Mailboxes], list.Unreadable + more.Unreadable, list.IsCut || more.IsCut);
            if (++fields == AddressListLimits.Default.MaxMailboxes)
            {
                break;
            }
        }

        return new Author(Judge(fields, list with { Unreadable = list.Unreadable + hidden }), list.Mailboxes);
    }

    /// <summary>
    /// "From", a line end, " : x": no field, as only white space may stand before the colon (RFC 5322 section 4.5.2). Programs that
    /// unfold the header first show it as one all the same.
    /// </summary>
    private static bool IsFoldedFrom(HeaderField field)
    {
        var name = "From"u8;
        var raw = field.Raw;
        return field.Name.IsEmpty && raw.Length > name.Length && Ascii.EqualsIgnoreCase(raw[..name.Length], name)
            && raw[name.Length..].TrimStart(" \t\r\n"u8).StartsWith(":"u8);
    }

    private static AuthorKind Judge(int fields, AddressList list) => (fields, list.Mailboxes.Count, list.Unreadable) switch
    {
        (_, _, > 0) => AuthorKind.Unreadable,
        ( > 1, _, _) or (_, > 1, _) => AuthorKind.Several,
        (_, 1, _) => list.IsCut ? AuthorKind.Unreadable : AuthorKind.One,
        _ => AuthorKind.Missing,
    };
}

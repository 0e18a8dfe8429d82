using System.Text;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Rewriting;

/// <summary>How a contact is called beside its reverse address. The numbers are stored: never change one.</summary>
public enum DisplayNameFormat
{
    /// <summary>"Jane at shop.example"; without a name "jane at shop.example".</summary>
    NameAndDomain = 0,

    /// <summary>"Jane - jane at shop.example".</summary>
    NameAndAddress = 1,

    /// <summary>"Jane".</summary>
    NameOnly = 2,

    /// <summary>"jane at shop.example".</summary>
    AddressOnly = 3,

    /// <summary>"Jane via shop.example".</summary>
    NameViaDomain = 4,

    /// <summary>"shop.example".</summary>
    DomainOnly = 5,

    /// <summary>Nothing but the reverse address.</summary>
    None = 6,
}

/// <summary>The words for the formats, the same wherever they are read.</summary>
public static class DisplayNameWord
{
    /// <summary>"name-only", "name_only" and "name" are one; case does not matter.</summary>
    /// <returns>Null where it is no word for a format.</returns>
    public static DisplayNameFormat? Parse(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        var dashed = word.Replace('_', '-').ToLowerInvariant();
        return dashed switch
        {
            "name-and-domain" => DisplayNameFormat.NameAndDomain,
            "name-and-address" => DisplayNameFormat.NameAndAddress,
            "name" or "name-only" => DisplayNameFormat.NameOnly,
            "address" or "address-only" => DisplayNameFormat.AddressOnly,
            "name-via-domain" => DisplayNameFormat.NameViaDomain,
            "domain" or "domain-only" => DisplayNameFormat.DomainOnly,
            "none" => DisplayNameFormat.None,
            _ => null,
        };
    }
}

/// <summary>
/// Makes display names for contacts. None of them holds anything that looks like an address: receivers take an address of
/// another domain in a display name for phishing.
/// </summary>
public static class ContactName
{
    /// <summary>Characters of a display name; what is longer no list of messages shows, and header lines stay short.</summary>
    public const int Longest = 100;

    /// <summary>The display name; empty for none. A format that needs a name gives the address where the sender gave none.</summary>
    public static string Format(DisplayNameFormat format, Mailbox contact)
    {
        ArgumentNullException.ThrowIfNull(contact);
        var address = Safe(contact.Address.Address);
        var name = Safe(contact.DisplayName);
        if (name.Equals(address, StringComparison.OrdinalIgnoreCase))
        {
            name = "";
        }

        return format switch
        {
            DisplayNameFormat.None => "",
            DisplayNameFormat.DomainOnly => contact.Address.Domain,
            DisplayNameFormat.AddressOnly => address,
            _ when name.Length == 0 => address,
            DisplayNameFormat.NameOnly => name,
            DisplayNameFormat.NameAndAddress => $"{name} - {address}",
            DisplayNameFormat.NameViaDomain => $"{name} via {contact.Address.Domain}",
            _ => $"{name} at {contact.Address.Domain}",
        };
    }

    /// <summary>
    /// The name on one line, without "@" in any of its shapes, brackets and characters that do not show or turn the
    /// direction of text.
    /// </summary>
    public static string Safe(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var safe = new StringBuilder(Math.Min(name.Length, Longest) + 8);
        foreach (var rune in name.EnumerateRunes())
        {
            if (safe.Length >= Longest)
            {
                break;
            }

            switch (rune.Value)
            {
                // COMMERCIAL AT, its fullwidth and its small form.
                case '@' or 0xFF20 or 0xFE6B:
                    Space(safe).Append("at ");
                    break;
                case '"' or '<' or '>' or '\\':
                    Space(safe);
                    break;
                default:
                    _ = Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) ? Space(safe)
                        : VisibleText.IsVisible(rune) && rune != Rune.ReplacementChar ? safe.Append(rune)
                        : safe;
                    break;
            }
        }

        return safe.ToString().Trim();
    }

    private static StringBuilder Space(StringBuilder text) => text.Length > 0 && text[^1] != ' ' ? text.Append(' ') : text;
}

namespace Smtpy.Mail.Addresses;

/// <summary>Reads an addr-spec (RFC 5322 section 3.4.1) in the odd spellings that are in use and mean one thing only.</summary>
internal static class AddressSpelling
{
    public static EmailAddress? Read(ReadOnlySpan<byte> spelt)
    {
        if (spelt.Length is 0 or > AddressLimits.Path * 2)
        {
            return null;
        }

        if (EmailAddress.TryParse(spelt, out var address))
        {
            return address;
        }

        spelt = WithoutWrapping(spelt);
        if (EmailAddress.TryParse(spelt, out address))
        {
            return address;
        }

        // "jane..doe@", "jane.@": no dot-strings, but mailboxes of large Japanese providers. Quoted they are valid.
        var at = spelt.LastIndexOf((byte)'@');
        if (at is <= 0 or > AddressLimits.LocalPart || spelt[..at].ContainsAny("\"\\ @"u8) || spelt.Length > AddressLimits.Path - 4)
        {
            return null;
        }

        Span<byte> quoted = [(byte)'"', .. spelt[..at], (byte)'"', .. spelt[at..]];
        return EmailAddress.TryParse(quoted, out address) ? address : null;
    }

    /// <summary>Without "mailto:", single quotes around the whole and the dot of the DNS root.</summary>
    private static ReadOnlySpan<byte> WithoutWrapping(ReadOnlySpan<byte> spelt)
    {
        if (spelt.Length > 7 && System.Text.Ascii.EqualsIgnoreCase(spelt[..7], "mailto:"u8))
        {
            spelt = spelt[7..];
        }

        if (spelt.Length > 2 && spelt[0] == (byte)'\'' && spelt[^1] == (byte)'\'')
        {
            spelt = spelt[1..^1];
        }

        return spelt.Length > 1 && spelt[^1] == (byte)'.' ? spelt[..^1] : spelt;
    }
}

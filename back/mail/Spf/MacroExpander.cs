using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Spf;

/// <summary>Puts values into macro-strings (RFC 7208 section 7).</summary>
internal sealed class MacroExpander(SpfIdentity identity, SpfOptions options, TimeProvider time)
{
    /// <summary>
    /// The name that a domain-spec stands for; too long a name loses labels from its left (section 7.3). Null where a value is not
    /// US-ASCII: then the term does not match (RFC 8616 section 4).
    /// </summary>
    /// <param name="domain">The domain being checked, macro "d".</param>
    /// <param name="validatedName">Macro "p".</param>
    public string? ExpandDomain(MacroString target, string domain, string validatedName)
    {
        var name = Expand(target, domain, validatedName);
        name = name.EndsWith('.') ? name[..^1] : name;
        while (name.Length > DnsName.MaxLength && name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot)
        {
            name = name[(dot + 1)..];
        }

        return Ascii.IsValid(name) ? name : null;
    }

    public string Expand(MacroString text, string domain, string validatedName)
    {
        if (text.Parts is [{ Literal: { } only }])
        {
            return only;
        }

        var expanded = new StringBuilder();
        foreach (var part in text.Parts)
        {
            expanded.Append(part.Literal ?? Transform(ValueOf(part.Letter, domain, validatedName), part));
        }

        return expanded.ToString();
    }

    private string ValueOf(char letter, string domain, string validatedName) => letter switch
    {
        's' => identity.Sender,
        'l' => identity.LocalPart,
        'o' => identity.Domain,
        'd' => domain,
        'i' => Dotted(),
        'p' => validatedName,
        'v' => identity.Client.AddressFamily == AddressFamily.InterNetwork ? "in-addr" : "ip6",
        'h' => identity.Helo,
        'c' => identity.Client.ToString(),
        'r' => options.ReceivingHost,
        't' => time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <summary>IPv4 as usual; IPv6 as 32 hexadecimal digits with dots between (section 7.3), in the case other programs use.</summary>
    private string Dotted() => identity.Client.AddressFamily == AddressFamily.InterNetwork
        ? identity.Client.ToString()
        : string.Join('.', Convert.ToHexString(identity.Client.GetAddressBytes()).AsEnumerable());

    private static string Transform(string value, MacroPart macro)
    {
        if (macro.Reverse || macro.Count > 0 || macro.Delimiters != ".")
        {
            var parts = value.Split(macro.Delimiters.ToCharArray());
            if (macro.Reverse)
            {
                Array.Reverse(parts);
            }

            var skipped = macro.Count == 0 ? 0 : Math.Max(0, parts.Length - macro.Count);
            value = string.Join('.', parts, skipped, parts.Length - skipped);
        }

        // RFC 3986 section 2.3 leaves letters, digits and "-._~"; so does this.
        return macro.Escape ? Uri.EscapeDataString(value) : value;
    }
}

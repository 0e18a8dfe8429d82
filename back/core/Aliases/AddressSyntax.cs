using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Smtpy.Core.Aliases;

/// <summary>
/// The addresses core accepts from people: a dot-string local part (RFC 5321 section 4.1.2; UTF-8 as of RFC 6531) at a domain
/// name. Quoted local parts and address literals are no addresses of aliases or of mailboxes.
/// </summary>
internal static class AddressSyntax
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    public static bool TryParse(string? text, [NotNullWhen(true)] out string? localPart, [NotNullWhen(true)] out string? domain)
    {
        (localPart, domain) = (null, null);
        var at = text?.LastIndexOf('@') ?? -1;
        return at > 0 && IsLocalPart(localPart = text![..at]) && TryDomain(text[(at + 1)..], out domain);
    }

    /// <summary>The A-label form in lower case, without a final dot (RFC 5890).</summary>
    public static bool TryDomain(string? name, [NotNullWhen(true)] out string? ascii)
    {
        ascii = null;
        if (string.IsNullOrEmpty(name))
        {
            return false;
        }

        try
        {
            // RFC 1035 section 2.3.4: 255 octets on the wire are 253 characters.
            ascii = Idn.GetAscii(name.EndsWith('.') ? name[..^1] : name).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return false;
        }

        return ascii.Length is > 0 and <= 253 && ascii.Split('.').All(IsLabel) ? true : (ascii = null) is not null;
    }

    /// <summary>The form a recipient is stored in: local part as given, domain normalised; null where it is no address.</summary>
    public static string? Normalise(string? text) => TryParse(text, out var localPart, out var domain) ? localPart + "@" + domain : null;

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool IsLocalPart(string text) =>
        text.Length is > 0 and <= 64 && text[0] != '.' && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal)
        && text.All(static c => c > 127 ? !char.IsControl(c) && !char.IsWhiteSpace(c) : char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal));
}

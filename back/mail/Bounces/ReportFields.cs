using System.Globalization;
using System.Text;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Bounces;

/// <summary>The fields of message/delivery-status, message/feedback-report and their like: groups of header fields.</summary>
internal static class ReportFields
{
    /// <summary>The groups of fields, empty lines between them (RFC 3464 section 2.1); never more than asked for.</summary>
    public static List<Range> Groups(ReadOnlySpan<byte> octets, int most)
    {
        var groups = new List<Range>();
        var at = 0;
        while (at < octets.Length && groups.Count < most)
        {
            var length = new HeaderBlock(octets[at..]).Length;
            if (length > 0)
            {
                groups.Add(at..(at + length));
                at += length;
            }
            else
            {
                at += octets[at] == (byte)'\r' ? 2 : 1;
            }
        }

        return groups;
    }

    /// <summary>The first such field's value, made fit to show; null where there is none or it is empty.</summary>
    public static string? Find(ReadOnlySpan<byte> group, ReadOnlySpan<byte> name, int maxLength)
    {
        if (!new HeaderBlock(group).TryFind(name, out var field))
        {
            return null;
        }

        var text = OneLine(field.Value(), maxLength);
        return text.Length == 0 ? null : text;
    }

    public static List<string> FindAll(ReadOnlySpan<byte> group, ReadOnlySpan<byte> name, int most, int maxLength)
    {
        var values = new List<string>();
        foreach (var field in new HeaderBlock(group))
        {
            if (values.Count < most && field.Is(name) && OneLine(field.Value(), maxLength) is { Length: > 0 } text)
            {
                values.Add(text);
            }
        }

        return values;
    }

    /// <summary>What follows the type: "dns; mx.example" (RFC 3464 section 2.1.2). Some leave the type out.</summary>
    public static string? Untyped(string? value)
    {
        if (value is null)
        {
            return null;
        }

        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        var text = semicolon < 0 || value.AsSpan(0, semicolon).Trim().ContainsAny(' ', '@', '<') ? value : value[(semicolon + 1)..].Trim();
        return text.Length == 0 ? null : text;
    }

    /// <summary>An address field: type and angle brackets taken off, RFC 6533 section 3 escapes resolved.</summary>
    public static string? Address(string? value)
    {
        var address = Untyped(value)?.Trim('<', '>', ' ');
        if (string.IsNullOrEmpty(address))
        {
            return null;
        }

        return value!.StartsWith("utf-8", StringComparison.OrdinalIgnoreCase) ? Unescape(address) : address;
    }

    /// <summary>White space runs become one space; what does not show is replaced; cut to length.</summary>
    public static string OneLine(string text, int maxLength)
    {
        var line = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var character in VisibleText.Decode(Encoding.UTF8.GetBytes(text)))
        {
            if (line.Length == maxLength)
            {
                break;
            }

            if (char.IsWhiteSpace(character) || char.IsControl(character))
            {
                if (line.Length > 0 && line[^1] != ' ')
                {
                    line.Append(' ');
                }
            }
            else
            {
                line.Append(character);
            }
        }

        // Never half a character at the cut.
        if (line.Length > 0 && char.IsHighSurrogate(line[^1]))
        {
            line.Length--;
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>EmbeddedUnicodeChar: "\x{" HEXPOINT "}".</summary>
    private static string Unescape(string address)
    {
        var text = new StringBuilder(address.Length);
        for (var i = 0; i < address.Length; i++)
        {
            var end = address.AsSpan(i).StartsWith("\\x{", StringComparison.OrdinalIgnoreCase) ? address.IndexOf('}', i) : -1;
            if (end > 0 && int.TryParse(address.AsSpan(i + 3, end - i - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point)
                && Rune.IsValid(point))
            {
                text.Append(new Rune(point).ToString());
                i = end;
            }
            else
            {
                text.Append(address[i]);
            }
        }

        return OneLine(text.ToString(), text.Length);
    }
}

using System.Text;

namespace Smtpy.Mail.Headers;

/// <summary>Character sets by their names in mail (RFC 2047 section 2, RFC 2045 section 5.1).</summary>
internal static class TextCharset
{
    /// <summary>The longest registered name has 45 characters.</summary>
    private const int LongestName = 45;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    /// <summary>Null where the runtime does not have it. UTF-7 counts as unknown: it was a way to hide things.</summary>
    public static Encoding? Find(ReadOnlySpan<byte> name)
    {
        // "utf-8*en" carries a language (RFC 2231 section 5).
        var star = name.IndexOf((byte)'*');
        name = star < 0 ? name : name[..star];
        if (name.IsEmpty || name.Length > LongestName || !Ascii.IsValid(name))
        {
            return null;
        }

        if (Ascii.EqualsIgnoreCase(name, "utf-8"u8) || Ascii.EqualsIgnoreCase(name, "utf8"u8) || Ascii.EqualsIgnoreCase(name, "us-ascii"u8))
        {
            return StrictUtf8;
        }

        if (Ascii.EqualsIgnoreCase(name, "iso-8859-1"u8))
        {
            // What is called ISO-8859-1 is windows-1252 in practice, which has letters where the other has controls.
            name = "windows-1252"u8;
        }

        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(Encoding.ASCII.GetString(name));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Text of octets that do not say what they are: UTF-8 (RFC 6532), or else windows-1252.</summary>
    public static string DecodeUnlabelled(ReadOnlySpan<byte> octets) =>
        System.Text.Unicode.Utf8.IsValid(octets) ? Encoding.UTF8.GetString(octets) : Find("windows-1252"u8)!.GetString(octets);
}

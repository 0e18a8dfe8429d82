using System.Text;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;
using Xunit;

namespace Smtpy.Mail.Tests.Rewriting;

internal static class Texts
{
    public static EmailAddress Address(string text) => EmailAddress.TryParse(text, out var address, out var reason) ? address : throw new ArgumentException(reason, nameof(text));

    public static string Ascii(ReadOnlyMemory<byte> octets) => Encoding.UTF8.GetString(octets.Span);

    public static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    /// <summary>A name as a header can carry it: one line, no control characters, trimmed as a reader trims.</summary>
    public static string Clean(string? name)
    {
        var clean = new StringBuilder();
        foreach (var rune in (name ?? "").EnumerateRunes())
        {
            _ = Rune.IsControl(rune) || rune == Rune.ReplacementChar ? clean.Append('_') : clean.Append(rune);
        }

        return string.Join(' ', clean.ToString().Split([' '], StringSplitOptions.RemoveEmptyEntries)).Trim().Trim(' ', '\'', '"').Trim();
    }

    /// <summary>Every line ends with CRLF, is no longer than 998 octets, and belongs to a field.</summary>
    public static void AssertSound(ReadOnlySpan<byte> header)
    {
        foreach (var field in new HeaderBlock(header))
        {
            Assert.True(HeaderOutput.IsSound(field.Raw), Encoding.UTF8.GetString(field.Raw));
            Assert.False(field.Name.IsEmpty, Encoding.UTF8.GetString(field.Raw));
        }

        Assert.Equal(header.Length, new HeaderBlock(header).Length);
    }
}

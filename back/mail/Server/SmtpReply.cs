using System.Text;

namespace Smtpy.Mail.Server;

/// <summary>
/// One reply of the server (RFC 5321 section 4.2, enhanced codes of RFC 3463). Replies are immutable and hold their
/// wire form, so that the frequent ones cost no allocation.
/// </summary>
public sealed class SmtpReply
{
    /// <param name="code">Three-digit reply code.</param>
    /// <param name="enhanced">Enhanced status code such as "2.1.0", or null where RFC 2034 has none (greeting, EHLO, 354).</param>
    /// <param name="text">One line or several separated by '\n'; ASCII without CR.</param>
    public SmtpReply(int code, string? enhanced, string text)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 599);
        ArgumentNullException.ThrowIfNull(text);
        Code = code;
        Enhanced = enhanced;
        Text = text;
        Wire = Encode(code, enhanced, text);
    }

    public int Code { get; }

    public string? Enhanced { get; }

    public string Text { get; }

    /// <summary>The bytes on the wire, final CRLF included.</summary>
    public ReadOnlyMemory<byte> Wire { get; }

    public bool IsPositive => Code < 400;

    public bool IsTransient => Code is >= 400 and < 500;

    /// <summary>True where the server closes the connection after this reply (221, 421).</summary>
    public bool Closes { get; init; }

    public override string ToString() => Enhanced is null ? $"{Code} {Text}" : $"{Code} {Enhanced} {Text}";

    private static byte[] Encode(int code, string? enhanced, string text)
    {
        var lines = text.Split('\n');
        var wire = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
        {
            wire.Append(code).Append(i == lines.Length - 1 ? ' ' : '-');
            if (enhanced is not null)
            {
                wire.Append(enhanced).Append(' ');
            }

            wire.Append(lines[i].Replace("\r", "", StringComparison.Ordinal)).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(wire.ToString());
    }
}

using System.Buffers;

namespace Smtpy.Mail.Client;

/// <summary>What may stand between the angle brackets of MAIL FROM and RCPT TO.</summary>
internal static class EnvelopeAddress
{
    private static readonly SearchValues<char> Suspicious = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\u007f <>\"\\");

    /// <summary>
    /// False for what could end the command or add to it: control characters anywhere, and blanks or angle brackets outside
    /// a quoted local part (RFC 5321 section 4.1.2).
    /// </summary>
    public static bool IsSafe(string address) => !address.AsSpan().ContainsAny(Suspicious) || IsSafeQuoted(address);

    private static bool IsSafeQuoted(string address)
    {
        var quoted = false;
        for (var i = 0; i < address.Length; i++)
        {
            var character = address[i];
            if (char.IsControl(character))
            {
                return false;
            }

            if (quoted && character == '\\')
            {
                i++;
                if (i == address.Length || char.IsControl(address[i]))
                {
                    return false;
                }
            }
            else if (character == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && (character is ' ' or '<' or '>' or '\\'))
            {
                return false;
            }
        }

        return !quoted;
    }
}

using System.Globalization;
using System.Text;
using Smtpy.Mail.Server;

namespace Smtpy.Smtp.Receive;

/// <summary>Our trace field, written above the message as it comes in (RFC 5321 section 4.4).</summary>
internal static class ReceivedHeader
{
    public static int Write(Span<byte> target, SmtpTransaction transaction, string hostname, long messageId, DateTimeOffset now)
    {
        var peer = transaction.Peer;
        var text = new StringBuilder(256)
            .Append("Received: from ").Append(Clean(peer.Helo)).Append(" (").Append(Literal(peer)).Append(")\r\n\tby ")
            .Append(hostname).Append(" (SMTPy) with ").Append(peer.Protocol(transaction.SmtpUtf8))
            .Append(" id ").Append(messageId.ToString(CultureInfo.InvariantCulture));
        // With several recipients the clause would tell each of the others (RFC 5321 section 7.2). An address outside ASCII would make a
        // message that needs SMTPUTF8 of one that does not (RFC 6531 section 3.7.3).
        if (transaction.Recipients.Count == 1 && Ascii.IsValid(transaction.Recipients[0].Address))
        {
            text.Append("\r\n\tfor <").Append(transaction.Recipients[0].Address).Append('>');
        }

        text.Append("; ").Append(now.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)).Append("\r\n");
        var written = 0;
        foreach (var chunk in text.GetChunks())
        {
            written += Encoding.UTF8.GetBytes(chunk.Span, target[written..]);
        }

        return written;
    }

    private static string Literal(SmtpPeer peer)
    {
        var address = peer.RemoteEndPoint.Address;
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]";
    }

    /// <summary>The name is the client's word: nothing in it may end the field or open a comment.</summary>
    private static string Clean(string helo)
    {
        const int longest = 255;
        var shortened = helo.Length > longest ? helo[..longest] : helo;
        foreach (var c in shortened)
        {
            if (IsUnsafe(c))
            {
                return string.Create(shortened.Length, shortened, static (target, source) =>
                {
                    for (var i = 0; i < source.Length; i++)
                    {
                        target[i] = IsUnsafe(source[i]) ? '?' : source[i];
                    }
                });
            }
        }

        return shortened.Length == 0 ? "unknown" : shortened;
    }

    private static bool IsUnsafe(char c) => c is <= ' ' or > '~' or '(' or ')' or '<' or '>' or '"' or '\\' or ';' or ',';
}

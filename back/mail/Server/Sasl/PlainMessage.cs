using System.Diagnostics.CodeAnalysis;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>The one message of PLAIN: [authzid] NUL authcid NUL passwd (RFC 4616 section 2).</summary>
public sealed record PlainMessage(string AuthorizationId, string UserName, ReadOnlyMemory<byte> Password)
{
    public static bool TryParse(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out PlainMessage? plain)
    {
        plain = null;
        var octets = message.Span;
        var first = octets.IndexOf((byte)0);
        var second = first < 0 ? -1 : octets[(first + 1)..].IndexOf((byte)0);
        if (second <= 0)
        {
            return false;
        }

        second += first + 1;
        if (octets[(second + 1)..].Contains((byte)0) || octets.Length == second + 1
            || !SaslPrep.TryPrepare(octets[..first], out var authorizationId)
            || !SaslPrep.TryPrepareName(octets[(first + 1)..second], out var userName))
        {
            return false;
        }

        plain = new PlainMessage(authorizationId, userName, message[(second + 1)..]);
        return true;
    }
}

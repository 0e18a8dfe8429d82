using System.Text;
using Smtpy.Mail.Server.Sasl;

namespace Smtpy.Mail.Server.Commands;

/// <summary>Arguments of AUTH: a mechanism and perhaps an initial response (RFC 4954 sections 4 and 8).</summary>
internal static class AuthGrammar
{
    // RFC 4422 section 3.1.
    private const int MaxMechanism = 20;

    public static SmtpCommand Parse(ReadOnlySpan<byte> arguments)
    {
        var text = arguments.Trim((byte)' ');
        var space = text.IndexOf((byte)' ');
        var name = space < 0 ? text : text[..space];
        if (name.Length is 0 or > MaxMechanism || !Ascii.IsValid(name))
        {
            return Refuse(SyntaxReplies.AuthSyntax);
        }

        var mechanism = Encoding.ASCII.GetString(name);
        if (space < 0)
        {
            return new AuthCommand(mechanism, null);
        }

        var response = text[(space + 1)..].TrimStart((byte)' ');

        // "=" is a response of no octets; nothing at all would be none.
        return response.SequenceEqual("="u8) ? new AuthCommand(mechanism, Array.Empty<byte>())
            : SaslBase64.TryDecode(response, out var octets) ? new AuthCommand(mechanism, octets)
            : Refuse(SyntaxReplies.Base64);
    }

    private static InvalidCommand Refuse(SmtpReply reply) => new(SmtpVerb.Auth, reply);
}

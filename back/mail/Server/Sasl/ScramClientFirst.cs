using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>
/// SCRAM's first message, "n,,n=user,r=nonce" (RFC 5802 section 7). The client's channel binding flag must be "n" (it cannot)
/// or "y" (it can, and believes that we cannot, which is so): "p" belongs to the -PLUS mechanisms, which are not offered.
/// </summary>
public sealed record ScramClientFirst
{
    // Clients make 16 to 40; what is endless is no nonce.
    private const int MaxNonce = 256;

    /// <summary>What the final message must repeat: the flag, the authorization identity and the commas.</summary>
    public required ReadOnlyMemory<byte> Gs2Header { get; init; }

    /// <summary>The message without <see cref="Gs2Header"/>.</summary>
    public required ReadOnlyMemory<byte> Bare { get; init; }

    /// <summary>Empty where none was given.</summary>
    public required string AuthorizationId { get; init; }

    public required string UserName { get; init; }

    public required string Nonce { get; init; }

    public static bool TryParse(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out ScramClientFirst? first)
    {
        first = null;
        var text = message.Span;
        if (text.Length < 3 || text[0] is not ((byte)'n' or (byte)'y') || text[1] != (byte)',')
        {
            return false;
        }

        var authorization = new ScramAttributes(text[2..]);
        var authorizationId = "";
        if (!authorization.TryTake(out var authorizationText)
            || (!authorizationText.IsEmpty && !TryName(authorizationText, (byte)'a', out authorizationId)))
        {
            return false;
        }

        var bare = 2 + authorizationText.Length + 1;
        if (bare > text.Length)
        {
            return false;
        }

        // A mandatory extension, "m=", would stand where the name must: none is known, so it is refused (section 5.1).
        var attributes = new ScramAttributes(text[bare..]);
        if (!attributes.TryTake(out var name) || !TryName(name, (byte)'n', out var userName)
            || !attributes.TryTake(out var nonce) || !IsNonce(nonce) || !attributes.AreExtensions())
        {
            return false;
        }

        first = new ScramClientFirst
        {
            Gs2Header = message[..bare],
            Bare = message[bare..],
            AuthorizationId = authorizationId,
            UserName = userName,
            Nonce = Encoding.ASCII.GetString(nonce[2..]),
        };
        return true;
    }

    private static bool IsNonce(ReadOnlySpan<byte> attribute) =>
        attribute.Length is > 2 and <= MaxNonce && attribute.StartsWith("r="u8) && !attribute.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    /// <summary>saslname: "=2C" and "=3D" stand for the comma and the equals sign, which else are not in it.</summary>
    private static bool TryName(ReadOnlySpan<byte> attribute, byte key, out string name)
    {
        name = "";
        if (attribute.Length < 3 || attribute[0] != key || attribute[1] != (byte)'=')
        {
            return false;
        }

        var coded = attribute[2..];
        var plain = new byte[coded.Length];
        var length = 0;
        for (var i = 0; i < coded.Length; i++)
        {
            plain[length++] = coded[i];
            if (coded[i] != (byte)'=')
            {
                continue;
            }

            var code = coded[(i + 1)..];
            if (!code.StartsWith("2C"u8) && !code.StartsWith("3D"u8))
            {
                return false;
            }

            plain[length - 1] = code[0] == (byte)'2' ? (byte)',' : (byte)'=';
            i += 2;
        }

        var valid = SaslPrep.TryPrepareName(plain.AsSpan(0, length), out var prepared);
        name = prepared ?? "";
        return valid;
    }
}

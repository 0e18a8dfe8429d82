using System.Security.Cryptography;
using System.Text;

namespace Smtpy.Mail.Tests.Server;

/// <summary>The client's side of SCRAM-SHA-256 (RFC 5802 section 3).</summary>
internal static class ScramProof
{
    public static string Of(string password, byte[] salt, int iterations, string authMessage)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.ASCII.GetBytes(authMessage));
        return Convert.ToBase64String(clientKey.Zip(signature, (left, right) => (byte)(left ^ right)).ToArray());
    }
}

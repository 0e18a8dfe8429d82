using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>
/// What is stored in place of a password (RFC 5802 section 3, with SHA-256: RFC 7677). Whoever reads it can neither sign in
/// with it nor learn a password that is not easily guessed.
/// </summary>
public sealed class ScramCredentials
{
    /// <summary>
    /// RFC 7677 section 4 wants 4,096 at the least. More slows down guessing after a theft, but costs each check of a password
    /// the same: 15,000 take about 20 ms of one core, and passwords made by machine (120 bits and more) need no slowing down.
    /// </summary>
    public const int DefaultIterations = 15_000;

    public const int LeastIterations = 4_096;

    /// <summary>A stored record cannot make one check take longer than about a second.</summary>
    public const int MostIterations = 1_000_000;

    /// <summary>Octets of a password; as NIST SP 800-63B advises, long ones are taken, and endless ones are not.</summary>
    public const int MaxPassword = 1024;

    internal const int KeySize = 32;

    private const string Scheme = "SCRAM-SHA-256";
    private const int SaltSize = 16;

    internal ScramCredentials(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) =>
        (Salt, Iterations, StoredKey, ServerKey) = (salt, iterations, storedKey, serverKey);

    public ReadOnlyMemory<byte> Salt { get; }

    public int Iterations { get; }

    /// <summary>Knows a client that knows the password; 32 octets.</summary>
    public ReadOnlyMemory<byte> StoredKey { get; }

    /// <summary>Proves to the client that the server knows it; 32 octets.</summary>
    public ReadOnlyMemory<byte> ServerKey { get; }

    /// <param name="salt">Random unless given.</param>
    /// <exception cref="ArgumentException">The password is empty, too long, or holds what RFC 4013 prohibits.</exception>
    public static ScramCredentials Create(string password, int iterations = DefaultIterations, byte[]? salt = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, LeastIterations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, MostIterations);
        if (!TrySalt(Encoding.UTF8.GetBytes(password), salt ??= RandomNumberGenerator.GetBytes(SaltSize), iterations, out var salted))
        {
            throw new ArgumentException("The password is too long or holds characters that none may hold (RFC 4013)", nameof(password));
        }

        return new ScramCredentials(
            salt, iterations, SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>Whether this is the password. Takes a core for as long as <see cref="Iterations"/> says, whatever the answer.</summary>
    public bool Verify(ReadOnlySpan<byte> password)
    {
        if (!TrySalt(password, Salt.Span, Iterations, out var salted))
        {
            return false;
        }

        Span<byte> clientKey = stackalloc byte[KeySize];
        Span<byte> storedKey = stackalloc byte[KeySize];
        HMACSHA256.HashData(salted, "Client Key"u8, clientKey);
        SHA256.HashData(clientKey, storedKey);
        return CryptographicOperations.FixedTimeEquals(storedKey, StoredKey.Span);
    }

    /// <summary>The record as one line of ASCII, "SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey" (RFC 5803 section 2).</summary>
    public string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scheme}${Iterations}:{Convert.ToBase64String(Salt.Span)}${Convert.ToBase64String(StoredKey.Span)}:{Convert.ToBase64String(ServerKey.Span)}");

    /// <summary>Reads what <see cref="Format"/> wrote.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ScramCredentials? credentials)
    {
        credentials = null;
        if (text?.Split('$') is not [Scheme, var cost, var keys] || cost.Split(':') is not [var count, var saltText]
            || keys.Split(':') is not [var storedText, var serverText]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < LeastIterations or > MostIterations
            || !SaslBase64.TryDecode(Encoding.UTF8.GetBytes(saltText), out var salt) || salt.Length == 0
            || !SaslBase64.TryDecode(Encoding.UTF8.GetBytes(storedText), out var stored) || stored.Length != KeySize
            || !SaslBase64.TryDecode(Encoding.UTF8.GetBytes(serverText), out var server) || server.Length != KeySize)
        {
            return false;
        }

        credentials = new ScramCredentials(salt, iterations, stored, server);
        return true;
    }

    private static bool TrySalt(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, [NotNullWhen(true)] out byte[]? salted)
    {
        salted = null;
        if (password.Length is 0 or > MaxPassword || !SaslPrep.TryPrepare(password, out var prepared) || prepared.Length == 0)
        {
            return false;
        }

        salted = Rfc2898DeriveBytes.Pbkdf2(prepared, salt, iterations, HashAlgorithmName.SHA256, KeySize);
        return true;
    }
}

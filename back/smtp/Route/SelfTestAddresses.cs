using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Smtp.Route;

/// <summary>
/// Addresses of <c>smtpy selftest</c>: <c>selftest-PORT-TIME-MAC</c>. Mail to one at our own host name is forwarded to the same
/// local part at <see cref="Domain"/>, which is delivered to PORT on this machine and nowhere else. Only who knows the secret can
/// make one, and it is good for <see cref="Validity"/>: nobody else can have this server connect to its own ports.
/// </summary>
public sealed class SelfTestAddresses(string hostname, byte[] secret, TimeProvider time)
{
    /// <summary>RFC 6761 section 6.4: never delegated, so no mail for it is ever anybody's.</summary>
    public const string Domain = "selftest.invalid";

    private const string Prefix = "selftest-";

    /// <summary>80 bits, as in <see cref="ReturnPaths"/>.</summary>
    private const int MacLength = 10;

    /// <summary>Far longer than a test takes, far shorter than an address is worth keeping.</summary>
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(5);

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "smtpy self-test"u8.ToArray());

    /// <summary>The address to send to.</summary>
    /// <param name="port">Where the test listens on the loopback interface.</param>
    public string For(int port)
    {
        var stem = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{port}-{time.GetUtcNow().ToUnixTimeSeconds()}");
        return $"{stem}-{Mac(stem)}@{hostname}";
    }

    /// <summary>True for mail that comes in; <paramref name="mailbox"/> is where it goes.</summary>
    public bool TryRoute(string localPart, string domain, out string mailbox)
    {
        mailbox = localPart + "@" + Domain;
        return domain.Equals(hostname, StringComparison.OrdinalIgnoreCase) && TryPort(mailbox, out _);
    }

    /// <summary>The port that mail for such a mailbox is delivered to.</summary>
    public bool TryPort(string mailbox, out int port)
    {
        port = 0;
        var parts = mailbox[..Math.Max(0, mailbox.LastIndexOf('@'))].ToLowerInvariant().Split('-');
        return IsOne(mailbox)
            && parts is ["selftest", var number, var second, var mac]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536
            && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var made)
            && Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - made) <= Validity.TotalSeconds
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mac), Encoding.UTF8.GetBytes(Mac($"{Prefix}{number}-{second}")));
    }

    /// <summary>A mailbox of the self-test's domain, genuine or not.</summary>
    internal static bool IsOne(string mailbox) => DestinationKey.Domain(mailbox).Equals(Domain, StringComparison.OrdinalIgnoreCase);

    private string Mac(string stem)
    {
        Span<byte> mac = stackalloc byte[32];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(stem), mac);
        return Convert.ToHexStringLower(mac[..MacLength]);
    }
}

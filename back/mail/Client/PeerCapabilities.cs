using System.Globalization;

namespace Smtpy.Mail.Client;

/// <summary>What the peer's EHLO answer offers (RFC 5321 section 4.1.1.1); all off after HELO.</summary>
public sealed record PeerCapabilities
{
    public bool Pipelining { get; init; }

    public bool EightBitMime { get; init; }

    public bool SmtpUtf8 { get; init; }

    public bool StartTls { get; init; }

    /// <summary>The peer keeps mail from leaving it without verified TLS where asked to (RFC 8689); offered inside TLS only.</summary>
    public bool RequireTls { get; init; }

    public bool Size { get; init; }

    /// <summary>Octets of the largest message (RFC 1870), 0 when not said.</summary>
    public long MaxSize { get; init; }

    public bool AuthPlain { get; init; }

    public bool AuthLogin { get; init; }

    /// <summary>Recipients of one transaction (RFC 9422), or <see cref="int.MaxValue"/>.</summary>
    public int MaxRecipients { get; init; } = int.MaxValue;

    /// <summary>Transactions on one connection (RFC 9422), or <see cref="int.MaxValue"/>.</summary>
    public int MaxMessages { get; init; } = int.MaxValue;

    /// <param name="lines">Text of the EHLO reply, lines separated by '\n'; the first is the peer's greeting.</param>
    public static PeerCapabilities Parse(string lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var found = new PeerCapabilities();
        var split = lines.Split('\n');
        for (var i = 1; i < split.Length; i++)
        {
            // "AUTH=PLAIN" is how servers older than RFC 2554 spell it; some still send only that.
            var words = split[i].ToUpperInvariant().Split([' ', '='], StringSplitOptions.RemoveEmptyEntries);
            found = words.Length == 0 ? found : With(found, words);
        }

        return found;
    }

    private static PeerCapabilities With(PeerCapabilities found, string[] words) => words[0] switch
    {
        "PIPELINING" => found with { Pipelining = true },
        "8BITMIME" => found with { EightBitMime = true },
        "SMTPUTF8" => found with { SmtpUtf8 = true },
        "STARTTLS" => found with { StartTls = true },
        "REQUIRETLS" => found with { RequireTls = true },
        "SIZE" => found with
        {
            Size = true,
            MaxSize = words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0,
        },
        "AUTH" => found with
        {
            AuthPlain = found.AuthPlain || words.Contains("PLAIN", StringComparer.Ordinal),
            AuthLogin = found.AuthLogin || words.Contains("LOGIN", StringComparer.Ordinal),
        },
        "LIMITS" => found with { MaxRecipients = Limit(words, "RCPTMAX"), MaxMessages = Limit(words, "MAILMAX") },
        _ => found,
    };

    private static int Limit(string[] words, string name)
    {
        var at = Array.IndexOf(words, name);
        return at > 0 && at + 1 < words.Length
            && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0
            ? limit
            : int.MaxValue;
    }
}

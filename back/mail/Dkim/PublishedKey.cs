using System.Text;

namespace Smtpy.Mail.Dkim;

/// <summary>The public half of a signing key as DNS has to carry it (RFC 6376 section 3.6).</summary>
/// <param name="Domain">d=: lower case, A-labels.</param>
/// <param name="Selector">s=: lower case.</param>
/// <param name="PublicText">As in p=: base64 without white space.</param>
public sealed record PublishedKey(string Domain, string Selector, SignatureAlgorithm Algorithm, string PublicText)
{
    // RFC 1035 section 3.3: one character-string.
    private const int MaxStringLength = 255;

    /// <summary>Owner of the TXT record (RFC 6376 section 3.6.2.1), without a dot at the end.</summary>
    public string RecordName => $"{Selector}._domainkey.{Domain}";

    /// <summary>The TXT record's whole text, as a web form of a DNS provider takes it.</summary>
    public string RecordText => $"v=DKIM1; k={(Algorithm == SignatureAlgorithm.Ed25519Sha256 ? "ed25519" : "rsa")}; p={PublicText}";

    /// <summary>The same as the character-strings of a zone file: each quoted and no longer than 255 octets (RFC 6376 section 3.6.2.2).</summary>
    public string ZoneFileText => Quoted(RecordText);

    /// <summary>A TXT record's text as the character-strings of a zone file.</summary>
    /// <param name="text">Printable US-ASCII without quotes and backslashes.</param>
    public static string Quoted(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var strings = new StringBuilder();
        foreach (var part in text.Chunk(MaxStringLength))
        {
            strings.Append(strings.Length == 0 ? "\"" : " \"").Append(part).Append('"');
        }

        return strings.ToString();
    }

    /// <summary>Whether a TXT record found under <see cref="RecordName"/> lets receivers verify what the key signs, however it is written.</summary>
    /// <param name="reason">Why not, as a sentence without a full stop; empty where it does.</param>
    public bool IsCarriedBy(string text, out string reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        var record = KeyRecord.Parse(text);
        reason = record.Fault
            ?? (record.Key!.Algorithm == Algorithm && string.Equals(record.PublicText, PublicText, StringComparison.Ordinal) ? "" : "it is another key");
        return reason.Length == 0;
    }
}

namespace Smtpy.Mail.Dkim;

/// <summary>A private key and the DNS name under which its public half is published.</summary>
/// <param name="Domain">d=: lower case, A-labels.</param>
/// <param name="Selector">s=: lower case.</param>
public sealed record SigningKey(string Domain, string Selector, PrivateKey Key)
{
    /// <summary>What DNS has to carry for it.</summary>
    public PublishedKey Published => new(Domain, Selector, Key.Algorithm, Key.PublicText);

    /// <summary>Owner of the TXT record (RFC 6376 section 3.6.2.1), without a dot at the end.</summary>
    public string RecordName => Published.RecordName;

    /// <summary>The TXT record's whole text, as a web form of a DNS provider takes it.</summary>
    public string RecordText => Published.RecordText;

    /// <summary>The same as the character-strings of a zone file: each quoted and no longer than 255 octets (RFC 6376 section 3.6.2.2).</summary>
    public string ZoneFileText => Published.ZoneFileText;

    /// <summary>Never shows the key: records print themselves into logs.</summary>
    public override string ToString() => RecordName;
}

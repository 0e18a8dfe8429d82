using Smtpy.Core.Rules;

namespace Smtpy.Smtp.Rewrite;

/// <summary>What making outgoing messages of stored ones is configured with.</summary>
public sealed record RewriteOptions
{
    /// <summary>SMTP_HOSTNAME: our authserv-id (RFC 8601 section 2.5), and the domain that stands in where an alias's own cannot send yet.</summary>
    public required string Hostname { get; init; }

    /// <summary>Base of unsubscribe links. They are made only where it is https (RFC 8058 section 3.1 asks for it).</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>For addresses that no account's alias stands behind any more.</summary>
    public MailHandlingDefaults Handling { get; init; } = new();

    /// <summary>DKIM_SIGN.</summary>
    public bool SignsDkim { get; init; } = true;

    /// <summary>ARC_SEAL.</summary>
    public bool SealsArc { get; init; } = true;

    /// <summary>
    /// Octets of a message whose body is changed; 40 MiB, as for encryption: it is held in memory as a whole, several times.
    /// A larger one is held for its owner; nothing that was asked for is left out in silence. A message whose body stays is not
    /// limited here: it is never in memory as a whole.
    /// </summary>
    public long MaxRewrittenOctets { get; init; } = 40 * 1024 * 1024;

    /// <summary>
    /// Octets of all such messages at once, until they are sent; 48 MiB: one of the largest. Rewriting takes up to seven times its length for
    /// a moment, and a container has 1 GiB.
    /// </summary>
    public long WholeMessageOctets { get; init; } = 48 * 1024 * 1024;

    /// <summary>Up to here they do not count; 256 KiB: 200 connections' worth is less than one large message takes.</summary>
    public long SmallMessageOctets { get; init; } = 256 * 1024;
}

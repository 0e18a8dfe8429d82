using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Spf;

namespace Smtpy.Mail.Authentication;

/// <summary>Limits of judging one message, those of its parts included.</summary>
public sealed record AuthenticationOptions
{
    /// <summary>
    /// Time from the end of the message until what DNS has not answered counts as a temporary failure. 25 s: a sender waits ten minutes
    /// (RFC 5321 section 4.5.3.2.6), and SPF alone may take 20 s (RFC 7208 section 4.6.4).
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(25);

    public SpfOptions Spf { get; init; } = new();

    public DkimVerifierOptions Signatures { get; init; } = new();

    public DmarcOptions Dmarc { get; init; } = new();
}

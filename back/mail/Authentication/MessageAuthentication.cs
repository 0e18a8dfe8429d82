using Smtpy.Mail.Addresses;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Spf;

namespace Smtpy.Mail.Authentication;

/// <summary>All that was found out about who sent a message.</summary>
/// <param name="Dkim">One for each signature read, in their order from the top.</param>
public sealed record MessageAuthentication(
    SpfOutcome Spf, IReadOnlyList<DkimResult> Dkim, DmarcOutcome Dmarc, ArcResult Arc, Author Author)
{
    /// <summary>
    /// The sender is who From says: one address, and DMARC passes by SPF or by a signature over the whole body. Without a policy, SPF or
    /// such a signature passes for the very domain of From.
    /// </summary>
    public bool IsAuthenticated => AuthorDomain is { } domain && (Dmarc.Result switch
    {
        DmarcResult.Pass => Dmarc.AlignedBySpf is not null || HasSignature(Dmarc.AlignedByDkim, needsWholeBody: true),
        DmarcResult.None => (Spf.Result == SpfResult.Pass && IsSame(Spf.Domain, domain)) || HasSignature(domain, needsWholeBody: true),
        _ => false,
    });

    /// <summary>The same by the client's address: this message was handed in for the author now, and not by whoever has it.</summary>
    public bool IsAuthenticatedBySpf => AuthorDomain is { } domain
        && (Dmarc.Result == DmarcResult.Pass ? Dmarc.AlignedBySpf is not null
            : Dmarc.Result == DmarcResult.None && Spf.Result == SpfResult.Pass && IsSame(Spf.Domain, domain));

    /// <summary>The same by a signature that fixes recipients, subject and content: <see cref="DkimResult.FixesContent"/>.</summary>
    public bool IsContentSigned => IsAuthenticated && Dkim.Any(
        result => result is { Verdict: DkimVerdict.Pass, FixesContent: true, CoversWholeBody: true }
            && IsSame(result.Domain, Dmarc.Result == DmarcResult.Pass ? Dmarc.AlignedByDkim ?? "" : AuthorDomain ?? ""));

    /// <summary>A signature aligned with From holds; without a policy, one of the very domain.</summary>
    public bool IsSignedByAuthor =>
        AuthorDomain is { } domain && (Dmarc.AlignedByDkim is not null || (Dmarc.Result == DmarcResult.None && HasSignature(domain, needsWholeBody: false)));

    /// <summary>Null unless From names exactly one address.</summary>
    private string? AuthorDomain => Author.Kind == AuthorKind.One ? Author.First!.Address.Domain : null;

    private bool HasSignature(string? domain, bool needsWholeBody)
    {
        for (var i = 0; domain is not null && i < Dkim.Count; i++)
        {
            if (Dkim[i].Verdict == DkimVerdict.Pass && IsSame(Dkim[i].Domain, domain) && (Dkim[i].CoversWholeBody || !needsWholeBody))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}

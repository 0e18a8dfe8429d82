using Smtpy.Mail.Arc;

namespace Smtpy.Smtp.Judge;

/// <summary>
/// Whose ARC seals are believed (RFC 8617 section 7.2 leaves it to the receiver): when forwarding broke a message's signature, one of
/// these may vouch that DMARC had passed where it came in.
/// </summary>
/// <param name="domains">Of seals (d=), lower case.</param>
public sealed class TrustedSealers(IReadOnlyCollection<string> domains)
{
    private readonly HashSet<string> _domains = new(domains, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Domain of the sealer who found that DMARC passes for this author; null where none did. Everybody who sealed after them must be
    /// trusted, too: any of these could have changed the message.
    /// </summary>
    public string? VoucherOf(ArcResult arc, string? authorDomain)
    {
        ArgumentNullException.ThrowIfNull(arc);
        if (arc.Status != ArcStatus.Pass || authorDomain is null || !arc.Sets[^1].CoversFrom)
        {
            return null;
        }

        for (var i = arc.Sets.Count - 1; i >= 0 && _domains.Contains(arc.Sets[i].SealDomain); i--)
        {
            if (SaysPass(arc.Sets[i], authorDomain))
            {
                return arc.Sets[i].SealDomain;
            }
        }

        return null;
    }

    /// <summary>For the same From: it may have been another one when it was judged.</summary>
    private static bool SaysPass(ArcSetSummary set, string authorDomain)
    {
        foreach (var result in set.ReadResults())
        {
            if (result is { Method: "dmarc", Result: "pass" }
                && string.Equals(result.Find("header", "from"), authorDomain, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

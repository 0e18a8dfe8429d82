using System.Net.Sockets;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Spf;

namespace Smtpy.Mail.Dmarc;

/// <summary>The judgement for one author domain: policy discovery (RFC 9989 section 4.10.1), then identifier alignment (section 4.10.2).</summary>
internal sealed class DmarcEvaluation(
    IRecordResolver resolver, DmarcOptions options, string author, DmarcRequest request, CancellationToken cancellationToken)
{
    private int _walksLeft = options.MaxAlignmentWalks;
    private DmarcLookup? _first;
    private DmarcWalk? _walk;

    private enum Alignment
    {
        No,
        Yes,
        Unknown,
    }

    public async ValueTask<DmarcOutcome> EvaluateAsync()
    {
        _first = await DmarcTreeWalk.LookUpAsync(resolver, author, cancellationToken);
        var found = _first;
        if (_first.Record is null)
        {
            _walk = await DmarcTreeWalk.GoOnAsync(resolver, _first, cancellationToken);
            if (_walk.Problem.Length > 0)
            {
                return DmarcOutcome.Without(DmarcResult.TempError, author, _walk.Problem);
            }

            found = _walk.Policy;
        }

        return found?.Record?.Usable() is { } record
            ? await JudgeAsync(found.Domain, record)
            : DmarcOutcome.Without(DmarcResult.None, author, found is null ? "no policy is published" : $"_dmarc.{found.Domain} has no valid policy");
    }

    private async ValueTask<DmarcOutcome> JudgeAsync(string domain, DmarcRecord record)
    {
        var (policy, policyProblem) = await PolicyAsync(domain, record);
        var bySpf = request.Spf == SpfResult.Pass ? await AlignAsync(request.SpfDomain, record.StrictSpf) : Alignment.No;
        var (byDkim, dkimDomain) = await AlignAnyAsync(request.DkimPassed, record.StrictDkim);
        var outcome = new DmarcOutcome(
            DmarcResult.Pass, policy, DmarcPolicy.None, domain, author, bySpf == Alignment.Yes ? request.SpfDomain : null, dkimDomain, "");
        if (bySpf == Alignment.Yes || byDkim == Alignment.Yes)
        {
            return outcome;
        }

        // Section 5.3.6: what DNS left open can neither pass nor fail.
        var open = policyProblem
            ?? (bySpf == Alignment.Unknown || byDkim == Alignment.Unknown ? "DNS did not say whether the domains are one organization's" : null)
            ?? (await MightAlignAsync(record) ? "an aligned SPF or DKIM check ended in temperror" : null);
        return open is not null
            ? outcome with { Result = DmarcResult.TempError, Problem = open }
            : outcome with { Result = DmarcResult.Fail, Disposition = Requested(policy, record.Testing) };
    }

    /// <summary>Section 4.7, tag "t": one level below what is published.</summary>
    private static DmarcPolicy Requested(DmarcPolicy policy, bool testing) =>
        testing && policy > DmarcPolicy.None ? policy - 1 : policy;

    /// <summary>p for the record's own domain; sp below it; np where the author domain does not exist (NXDOMAIN, section 3.2.13).</summary>
    private async ValueTask<(DmarcPolicy Policy, string? Problem)> PolicyAsync(string domain, DmarcRecord record)
    {
        var own = record.P.Value ?? DmarcPolicy.None;
        if (domain == author)
        {
            return (own, null);
        }

        var below = record.Sp.Value ?? own;
        if (record.Np.Value is not { } absent || absent == below)
        {
            return (below, null);
        }

        var answer = await resolver.FindAddressesAsync(author, AddressFamily.InterNetwork, cancellationToken);
        return answer.Status switch
        {
            DnsStatus.NotFound => (absent, null),
            DnsStatus.TemporaryFailure => (below, $"{author}: {answer.Reason}"),
            _ => (below, null),
        };
    }

    private async ValueTask<(Alignment Alignment, string? Domain)> AlignAnyAsync(IReadOnlyList<string> domains, bool strict)
    {
        var best = Alignment.No;
        for (var i = 0; i < domains.Count; i++)
        {
            switch (await AlignAsync(domains[i], strict))
            {
                case Alignment.Yes:
                    return (Alignment.Yes, domains[i]);
                case Alignment.Unknown:
                    best = Alignment.Unknown;
                    break;
            }
        }

        return (best, null);
    }

    private async ValueTask<bool> MightAlignAsync(DmarcRecord record) =>
        (request.Spf == SpfResult.TempError && await AlignAsync(request.SpfDomain, record.StrictSpf) != Alignment.No)
        || (await AlignAnyAsync(request.DkimUndecided, record.StrictDkim)).Alignment != Alignment.No;

    /// <summary>Strict: the same domain. Relaxed: the same organizational domain (section 3.2.10).</summary>
    private async ValueTask<Alignment> AlignAsync(string identifier, bool strict)
    {
        if (DmarcVerifier.Normalize(identifier) is not { } domain)
        {
            return Alignment.No;
        }

        if (strict || domain == author)
        {
            return domain == author ? Alignment.Yes : Alignment.No;
        }

        _walk ??= await DmarcTreeWalk.GoOnAsync(resolver, _first!, cancellationToken);
        if (_walk.Problem.Length > 0)
        {
            return SharesTopLabel(domain) ? Alignment.Unknown : Alignment.No;
        }

        // An organizational domain is the name itself or above it: who is not at or below ours has another.
        var ours = _walk.OrganizationalDomain;
        if (domain != ours && !domain.EndsWith("." + ours, StringComparison.Ordinal))
        {
            return Alignment.No;
        }

        if (_walksLeft-- <= 0)
        {
            return Alignment.No;
        }

        var first = await DmarcTreeWalk.LookUpAsync(resolver, domain, cancellationToken);
        var theirs = await DmarcTreeWalk.GoOnAsync(resolver, first, cancellationToken);
        return theirs.Problem.Length > 0 ? Alignment.Unknown : theirs.OrganizationalDomain == ours ? Alignment.Yes : Alignment.No;
    }

    private bool SharesTopLabel(string domain) =>
        domain.AsSpan(domain.LastIndexOf('.') + 1).SequenceEqual(author.AsSpan(author.LastIndexOf('.') + 1));
}

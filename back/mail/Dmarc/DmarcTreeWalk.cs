using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Dmarc;

/// <summary>The DNS tree walk (RFC 9989 section 4.10): records from a name up to its top label, in at most eight queries.</summary>
internal static class DmarcTreeWalk
{
    // From the second query on. With the first that makes the eight that the RFC allows.
    private const int MaxLabels = 7;

    /// <summary>The one record at "_dmarc." and the name. Several are as good as none (section 4.10, step 2).</summary>
    public static async ValueTask<DmarcLookup> LookUpAsync(IRecordResolver resolver, string domain, CancellationToken cancellationToken)
    {
        var answer = await resolver.FindTextsAsync("_dmarc." + domain, cancellationToken);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return new DmarcLookup(domain, null, $"_dmarc.{domain}: {answer.Reason}");
        }

        DmarcRecord? only = null;
        for (var i = 0; i < answer.Records.Count; i++)
        {
            if (DmarcRecordParser.Parse(answer.Records[i]) is { } record)
            {
                if (only is not null)
                {
                    return new DmarcLookup(domain, null, "");
                }

                only = record;
            }
        }

        return new DmarcLookup(domain, only, "");
    }

    /// <summary>Goes on where the first query did not end the walk.</summary>
    public static async ValueTask<DmarcWalk> GoOnAsync(IRecordResolver resolver, DmarcLookup first, CancellationToken cancellationToken)
    {
        var lookup = first;
        DmarcLookup? last = null;
        DmarcLookup? before = null;
        while (true)
        {
            if (lookup.Problem.Length > 0)
            {
                return new DmarcWalk(first.Domain, null, lookup.Problem);
            }

            if (lookup.Record is not null)
            {
                (before, last) = (last, lookup);
            }

            if (lookup.Record is { Psd: not PublicSuffix.Unknown } || Parent(lookup.Domain) is not { } parent)
            {
                return Decide(first, before, last);
            }

            lookup = await LookUpAsync(resolver, parent, cancellationToken);
        }
    }

    /// <summary>
    /// Section 4.10.2. The walk ends at the first record with a psd tag that says something, so the last record found decides: those
    /// before it have no such tag, and it has the fewest labels. Below a public suffix the organization's own record comes first
    /// (section 4.10.1); the walk met it just before.
    /// </summary>
    private static DmarcWalk Decide(DmarcLookup first, DmarcLookup? before, DmarcLookup? last)
    {
        if (last is not { Record.Psd: PublicSuffix.Yes } || last.Domain == first.Domain)
        {
            return new DmarcWalk(last?.Domain ?? first.Domain, last, "");
        }

        var organizational = OneLabelMore(first.Domain, last.Domain);
        return new DmarcWalk(organizational, before?.Domain == organizational ? before : last, "");
    }

    private static string? Parent(string domain)
    {
        var labels = domain.AsSpan().Count('.') + 1;
        var drop = Math.Max(1, labels - MaxLabels);
        var rest = domain.AsSpan();
        for (; drop > 0; drop--)
        {
            var dot = rest.IndexOf('.');
            if (dot < 0)
            {
                return null;
            }

            rest = rest[(dot + 1)..];
        }

        return rest.ToString();
    }

    /// <summary>The part of the name that is one label longer than its suffix.</summary>
    private static string OneLabelMore(string name, string suffix)
    {
        var below = name.AsSpan(0, name.Length - suffix.Length - 1);
        return name[(below.LastIndexOf('.') + 1)..];
    }
}

/// <param name="Problem">What DNS said where it failed; empty otherwise.</param>
internal sealed record DmarcLookup(string Domain, DmarcRecord? Record, string Problem);

/// <param name="OrganizationalDomain">Of the name where the walk began.</param>
/// <param name="Policy">The record that applies to a name without one of its own; null without any.</param>
/// <param name="Problem">What DNS said where it failed; empty otherwise.</param>
internal sealed record DmarcWalk(string OrganizationalDomain, DmarcLookup? Policy, string Problem);

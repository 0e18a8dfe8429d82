using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Spf;

namespace Smtpy.Core.Domains.Records;

/// <summary>Asks DNS for the records of a name, and judges by what they do rather than by how they are written.</summary>
/// <param name="dns">One that keeps no answers: who has just changed a record wants to see it.</param>
public sealed class RecordExamination(IRecordResolver dns, DomainKeyOptions options, TimeProvider time)
{
    /// <summary>Addresses of the host that are looked at. 8: more than a mail server has.</summary>
    private const int MaxAddresses = 8;

    /// <summary>Answers shown of one question. 10: a person reads them.</summary>
    private const int MaxShown = 10;

    private readonly SpfVerifier _spf = new(dns, new SpfOptions(), time);
    private readonly DmarcVerifier _dmarc = new(dns, new DmarcOptions(), time);

    /// <summary>All at once: a resolver that does not answer takes its time for one record, not for each in turn.</summary>
    public async Task<IReadOnlyList<RecordFinding>> AskAsync(IReadOnlyList<DomainRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        var host = records.Any(static r => r.Purpose is DomainRecordPurpose.Address or DomainRecordPurpose.Reverse or DomainRecordPurpose.Sender)
            ? HostAsync(cancellationToken)
            : Task.FromResult(new HostAnswer([], null));
        return await Task.WhenAll(records.Select(record => AskAsync(record, host, cancellationToken)));
    }

    private async Task<RecordFinding> AskAsync(DomainRecord record, Task<HostAnswer> host, CancellationToken cancellationToken) => record.Purpose switch
    {
        DomainRecordPurpose.Address => Address(record, await host),
        DomainRecordPurpose.Reverse => await ReverseAsync(record, await host, cancellationToken),
        DomainRecordPurpose.Exchanger => await ExchangerAsync(record, cancellationToken),
        DomainRecordPurpose.Sender => await SenderAsync(record, await host, cancellationToken),
        DomainRecordPurpose.Key => await KeyAsync(record, record.Key!.ToPublish(), cancellationToken),
        _ => await PolicyAsync(record, cancellationToken),
    };

    private async Task<HostAnswer> HostAsync(CancellationToken cancellationToken)
    {
        var four = await dns.FindAddressesAsync(options.HostName, AddressFamily.InterNetwork, cancellationToken);
        var six = await dns.FindAddressesAsync(options.HostName, AddressFamily.InterNetworkV6, cancellationToken);
        var failed = four.Status == DnsStatus.TemporaryFailure ? four : six;
        return new HostAnswer(
            [.. four.Records.Concat(six.Records).Take(MaxAddresses)], failed.Status == DnsStatus.TemporaryFailure ? failed.Reason : null);
    }

    private static RecordFinding Address(DomainRecord record, HostAnswer host) =>
        host.Addresses.Count > 0 ? Ok(record, host.Addresses.Select(static a => a.ToString()))
        : host.Failure is { } reason ? Unknown(record, reason)
        : Missing(record, "the host has no address");

    private async Task<RecordFinding> ReverseAsync(DomainRecord record, HostAnswer host, CancellationToken cancellationToken)
    {
        if (host.Addresses.Count == 0)
        {
            return Unknown(record, host.Failure ?? "the host has no address");
        }

        var found = new List<string>();
        var wrong = new List<string>();
        foreach (var address in host.Addresses)
        {
            var answer = await dns.FindNamesAsync(address, cancellationToken);
            if (answer.Status == DnsStatus.TemporaryFailure)
            {
                return Unknown(record, $"{address}: {answer.Reason}");
            }

            found.AddRange(answer.Records.Select(name => $"{address} {name}"));
            if (!answer.Records.Any(name => name.Equals(options.HostName, StringComparison.OrdinalIgnoreCase)))
            {
                wrong.Add(address.ToString());
            }
        }

        return wrong.Count == 0 ? Ok(record, found)
            : found.Count == 0 ? Missing(record, "the address has no name: set it where you rent the address")
            : Wrong(record, found, $"{string.Join(", ", wrong)} does not lead back to {options.HostName}");
    }

    private async Task<RecordFinding> ExchangerAsync(DomainRecord record, CancellationToken cancellationToken)
    {
        var answer = await dns.FindExchangersAsync(record.Name, cancellationToken);
        var found = answer.Records.OrderBy(static h => h.Preference).Select(static h => $"{h.Preference} {h.Host}");
        return answer.Status == DnsStatus.TemporaryFailure ? Unknown(record, answer.Reason)
            : answer.Records.Count == 0 ? Missing(record, "")
            : answer.Records.Any(h => h.Host.Equals(options.HostName, StringComparison.OrdinalIgnoreCase)) ? Ok(record, found)
            : Wrong(record, found, "mail for it does not come here");
    }

    /// <summary>Whether SPF lets our own addresses send for the name, by whatever mechanism.</summary>
    private async Task<RecordFinding> SenderAsync(DomainRecord record, HostAnswer host, CancellationToken cancellationToken)
    {
        var texts = await dns.FindTextsAsync(record.Name, cancellationToken);
        if (texts.Status == DnsStatus.TemporaryFailure)
        {
            return Unknown(record, texts.Reason);
        }

        string[] found = [.. texts.Records.Where(static t => t.StartsWith("v=spf1", StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0)
        {
            return Missing(record, "");
        }

        if (host.Addresses.Count == 0)
        {
            return Unknown(record, host.Failure ?? $"{options.HostName} has no address to try it with");
        }

        foreach (var address in host.Addresses)
        {
            var outcome = await _spf.CheckAsync(new SpfRequest(address, options.HostName, "postmaster@" + record.Name), cancellationToken);
            if (outcome.Result == SpfResult.TempError)
            {
                return Unknown(record, outcome.Problem);
            }

            if (outcome.Result != SpfResult.Pass)
            {
                var why = outcome.Problem.Length > 0 ? ": " + outcome.Problem : "";
                return Wrong(record, found, $"says {outcome.Result.ToString().ToLowerInvariant()} to {address} of {options.HostName}{why}");
            }
        }

        return Ok(record, found);
    }

    /// <summary>Several records under one selector: which of them a receiver takes is undefined (RFC 6376 section 3.6.2.2).</summary>
    private async Task<RecordFinding> KeyAsync(DomainRecord record, PublishedKey key, CancellationToken cancellationToken)
    {
        var answer = await dns.FindTextsAsync(record.Name, cancellationToken);
        return answer.Status == DnsStatus.TemporaryFailure ? Unknown(record, answer.Reason)
            : answer.Records.Count == 0 ? Missing(record, "")
            : answer.Records.Count > 1 ? Wrong(record, answer.Records, "there are several records")
            : key.IsCarriedBy(answer.Records[0], out var reason) ? Ok(record, answer.Records)
            : Wrong(record, answer.Records, reason);
    }

    /// <summary>Any policy is its owner's choice; one of a parent domain counts (RFC 9989 section 4.10).</summary>
    private async Task<RecordFinding> PolicyAsync(DomainRecord record, CancellationToken cancellationToken)
    {
        var domain = record.Name["_dmarc.".Length..];
        var outcome = await _dmarc.EvaluateAsync(new DmarcRequest([domain], SpfResult.None, domain, [], []), cancellationToken);
        if (outcome.Result == DmarcResult.TempError)
        {
            return Unknown(record, outcome.Problem);
        }

        var answer = await dns.FindTextsAsync("_dmarc." + (outcome.Domain ?? domain), cancellationToken);
        return outcome.Domain is not null ? Ok(record, answer.Records)
            : answer.Records.Count > 0 ? Wrong(record, answer.Records, "it is no DMARC record, or there are several")
            : Missing(record, "");
    }

    private static RecordFinding Ok(DomainRecord record, IEnumerable<string> found) => new(record, RecordVerdict.Ok, [.. found.Take(MaxShown)], "");

    private static RecordFinding Missing(DomainRecord record, string note) => new(record, RecordVerdict.Missing, [], note);

    private static RecordFinding Unknown(DomainRecord record, string note) => new(record, RecordVerdict.Unknown, [], note);

    private static RecordFinding Wrong(DomainRecord record, IEnumerable<string> found, string note) =>
        new(record, RecordVerdict.Wrong, [.. found.Take(MaxShown)], note);

    /// <param name="Failure">What DNS said where it failed.</param>
    private sealed record HostAnswer(IReadOnlyList<IPAddress> Addresses, string? Failure);
}

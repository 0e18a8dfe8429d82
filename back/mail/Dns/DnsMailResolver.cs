using System.Net;
using DnsClient;
using DnsClient.Protocol;

namespace Smtpy.Mail.Dns;

/// <summary><see cref="IMailResolver"/> over DnsClient, with a cache of its own that keeps "does not exist" as long as the SOA says (RFC 2308).</summary>
public sealed class DnsMailResolver : IMailResolver, ITextResolver
{
    private readonly DnsQuestions _questions;
    private readonly AnswerCache<MailExchangers> _exchangers;
    private readonly AnswerCache<HostAddresses> _addresses;

    public DnsMailResolver(MailResolverOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _questions = new DnsQuestions(options);
        _exchangers = new AnswerCache<MailExchangers>(
            options.CacheEntries, time, static found => AnswerWeight.Of(found.Hosts, static host => AnswerWeight.Of(host.Host)));
        _addresses = new AnswerCache<HostAddresses>(
            options.CacheEntries, time, static found => AnswerWeight.Of(found.Addresses, static _ => AnswerWeight.Entry));
    }

    public async Task<MailExchangers> FindExchangersAsync(string domain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (_exchangers.TryGet(domain, out var known))
        {
            return known.Hosts.Count > 1 ? known with { Hosts = Ordered(known.Hosts) } : known;
        }

        if (DnsName.ToAscii(domain) is not { } ascii)
        {
            return MailExchangers.None(DnsStatus.NotFound, "not a domain name");
        }

        var answer = await _questions.AskAsync(ascii, QueryType.MX, cancellationToken);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return MailExchangers.None(answer.Status, answer.Reason);
        }

        var found = answer.Status == DnsStatus.NotFound ? MailExchangers.None(answer.Status, answer.Reason) : FromRecords(ascii, answer);
        _exchangers.Add(domain, found, answer.Age);
        return found;
    }

    public async Task<HostAddresses> FindAddressesAsync(string host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (_addresses.TryGet(host, out var known))
        {
            return known;
        }

        if (DnsName.ToAscii(host) is not { } ascii)
        {
            return new HostAddresses(DnsStatus.NotFound, [], "not a host name");
        }

        var four = _questions.AskAsync(ascii, QueryType.A, cancellationToken);
        var six = _questions.AskAsync(ascii, QueryType.AAAA, cancellationToken);
        var found = Combine(await four, await six, out var age);
        _addresses.Add(host, found, age);
        return found;
    }

    public async Task<TextRecords> FindTextsAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (DnsName.ToAscii(name) is not { } ascii)
        {
            return new TextRecords(DnsStatus.NotFound, [], "not a domain name");
        }

        var answer = await _questions.AskAsync(ascii, QueryType.TXT, cancellationToken);
        return new TextRecords(answer.Status, [.. answer.Records.OfType<TxtRecord>().Select(record => string.Concat(record.Text))], answer.Reason);
    }

    private static MailExchangers FromRecords(string domain, DnsReply answer)
    {
        var hosts = answer.Records.OfType<MxRecord>()
            .Select(mx => new MailExchanger(mx.Exchange.Value.TrimEnd('.'), mx.Preference))
            .ToArray();
        if (hosts.Length == 0)
        {
            return new MailExchangers(DnsStatus.Found, [new MailExchanger(domain, 0)], "");
        }

        // RFC 7505 section 3: "." alone means no mail; beside others it is a mistake and says nothing.
        var named = Array.FindAll(hosts, host => host.Host.Length > 0);
        return named.Length == 0
            ? MailExchangers.None(DnsStatus.NoMail, "the domain takes no mail (null MX)")
            : new MailExchangers(DnsStatus.Found, Ordered(named), "");
    }

    private static MailExchanger[] Ordered(IReadOnlyList<MailExchanger> hosts)
    {
        MailExchanger[] shuffled = [.. hosts];
        Random.Shared.Shuffle(shuffled);
        return [.. shuffled.OrderBy(host => host.Preference)];
    }

    private static HostAddresses Combine(DnsReply four, DnsReply six, out TimeSpan age)
    {
        IPAddress[] addresses =
        [
            .. four.Records.OfType<ARecord>().Select(record => record.Address),
            .. six.Records.OfType<AaaaRecord>().Select(record => record.Address),
        ];
        var failed = four.Status == DnsStatus.TemporaryFailure ? four : six;
        age = failed.Status == DnsStatus.TemporaryFailure ? TimeSpan.Zero : four.Age < six.Age ? four.Age : six.Age;
        if (addresses.Length > 0)
        {
            return new HostAddresses(DnsStatus.Found, addresses, "");
        }

        return failed.Status == DnsStatus.TemporaryFailure
            ? new HostAddresses(DnsStatus.TemporaryFailure, [], failed.Reason)
            : new HostAddresses(DnsStatus.NotFound, [], four.Status == DnsStatus.NotFound ? four.Reason : "the host has no address");
    }
}

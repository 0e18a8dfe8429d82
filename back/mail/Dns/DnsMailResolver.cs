using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Smtpy.Mail.Dns;

/// <summary><see cref="IMailResolver"/> over DnsClient, with a cache of its own that keeps "does not exist" as long as the SOA says (RFC 2308).</summary>
public sealed class DnsMailResolver : IMailResolver, ITextResolver
{
    private readonly LookupClient _client;
    private readonly MailResolverOptions _options;
    private readonly AnswerCache<MailExchangers> _exchangers;
    private readonly AnswerCache<HostAddresses> _addresses;

    public DnsMailResolver(MailResolverOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        var settings = options.Server is null ? new LookupClientOptions() : new LookupClientOptions(options.Server);
        settings.UseCache = false;
        settings.Timeout = options.Timeout;
        settings.Retries = options.Retries;
        settings.ContinueOnDnsError = false;
        settings.ContinueOnEmptyResponse = false;
        _client = new LookupClient(settings);
        _exchangers = new AnswerCache<MailExchangers>(options.CacheEntries, time);
        _addresses = new AnswerCache<HostAddresses>(options.CacheEntries, time);
    }

    public async Task<MailExchangers> FindExchangersAsync(string domain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (_exchangers.TryGet(domain, out var known))
        {
            return known.Hosts.Count > 1 ? known with { Hosts = Ordered(known.Hosts) } : known;
        }

        if (ToAscii(domain) is not { } ascii)
        {
            return MailExchangers.None(DnsStatus.NotFound, "not a domain name");
        }

        var answer = await AskAsync(ascii, QueryType.MX, cancellationToken);
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

        if (ToAscii(host) is not { } ascii)
        {
            return new HostAddresses(DnsStatus.NotFound, [], "not a host name");
        }

        var four = AskAsync(ascii, QueryType.A, cancellationToken);
        var six = AskAsync(ascii, QueryType.AAAA, cancellationToken);
        var found = Combine(await four, await six, out var age);
        _addresses.Add(host, found, age);
        return found;
    }

    public async Task<TextRecords> FindTextsAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (ToAscii(name) is not { } ascii)
        {
            return new TextRecords(DnsStatus.NotFound, [], "not a domain name");
        }

        var answer = await AskAsync(ascii, QueryType.TXT, cancellationToken);
        return new TextRecords(answer.Status, [.. answer.Records.OfType<TxtRecord>().Select(record => string.Concat(record.Text))], answer.Reason);
    }

    private static MailExchangers FromRecords(string domain, Answer answer)
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

    private static HostAddresses Combine(Answer four, Answer six, out TimeSpan age)
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

    private async Task<Answer> AskAsync(string name, QueryType type, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _client.QueryAsync(name, type, cancellationToken: cancellationToken);
            return Judge(response, type);
        }
        catch (DnsResponseException e)
        {
            return Answer.Failed($"DNS: {e.DnsError}");
        }
        catch (SocketException e)
        {
            return Answer.Failed($"DNS: {e.SocketErrorCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Answer.Failed("DNS: timed out");
        }
    }

    private Answer Judge(IDnsQueryResponse response, QueryType type)
    {
        var code = response.Header.ResponseCode;
        if (code == DnsHeaderResponseCode.NotExistentDomain)
        {
            return new Answer(DnsStatus.NotFound, [], "the name does not exist", NegativeAge(response));
        }

        if (code != DnsHeaderResponseCode.NoError)
        {
            return Answer.Failed($"DNS: {code}");
        }

        DnsResourceRecord[] records = [.. response.Answers.Where(record => (int)record.RecordType == (int)type)];
        var age = records.Length == 0
            ? NegativeAge(response)
            : Clamp(TimeSpan.FromSeconds(response.Answers.Min(record => record.InitialTimeToLive)), _options.MaxAge);
        return new Answer(DnsStatus.Found, records, "", age);
    }

    /// <summary>RFC 2308 section 5: the lesser of the SOA's own TTL and its MINIMUM field; without an SOA nothing is kept.</summary>
    private TimeSpan NegativeAge(IDnsQueryResponse response)
    {
        var soa = response.Authorities.OfType<SoaRecord>().FirstOrDefault();
        return soa is null
            ? TimeSpan.Zero
            : Clamp(TimeSpan.FromSeconds(Math.Min(soa.InitialTimeToLive, soa.Minimum)), _options.MaxNegativeAge);
    }

    private TimeSpan Clamp(TimeSpan age, TimeSpan most) => age < _options.MinAge ? _options.MinAge : age > most ? most : age;

    /// <summary>The name as DNS has it (RFC 5890 A-labels), or null where it cannot be one.</summary>
    private static string? ToAscii(string name)
    {
        try
        {
            var ascii = new IdnMapping { UseStd3AsciiRules = false }.GetAscii(name.TrimEnd('.'));
            return ascii.Length is > 0 and <= 253 ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private sealed record Answer(DnsStatus Status, DnsResourceRecord[] Records, string Reason, TimeSpan Age)
    {
        public static Answer Failed(string reason) => new(DnsStatus.TemporaryFailure, [], reason, TimeSpan.Zero);
    }
}

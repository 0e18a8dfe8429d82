using System.Globalization;
using DnsClient;
using DnsClient.Protocol;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Mail.Dns;

/// <summary><see cref="IDaneResolver"/> over a validating resolver on this machine, with a cache of its own.</summary>
public sealed class DaneResolver : IDaneResolver
{
    /// <summary>TLSA records of one host that are looked at. 20: during a change of keys there are 4.</summary>
    public const int MaxRecords = 20;

    /// <summary>CNAME records followed for one address. 8: the resolver has followed them already, this only finds their end.</summary>
    private const int MaxAliases = 8;

    private readonly DnssecClient _client;
    private readonly MailResolverOptions _options;
    private readonly AnswerCache<SecureExchangers> _exchangers;
    private readonly AnswerCache<TlsaAnswer> _tlsa;

    public DaneResolver(MailResolverOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _client = new DnssecClient(options);
        _exchangers = new AnswerCache<SecureExchangers>(options.CacheEntries, time, static found => AnswerWeight.Of(found.Hosts, AnswerWeight.Of));
        _tlsa = new AnswerCache<TlsaAnswer>(
            options.CacheEntries, time, static found => AnswerWeight.Of(found.Records, static record => AnswerWeight.Entry + record.Data.Length));
    }

    public bool IsTrusted => _client.IsLocal;

    public async Task<SecureExchangers> FindSecureExchangersAsync(string domain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (!IsTrusted || !DomainName.TryNormalize(domain.TrimEnd('.'), out var name))
        {
            return SecureExchangers.Insecure;
        }

        if (_exchangers.TryGet(name, out var known))
        {
            return known;
        }

        var answer = await _client.AskAsync(name, QueryType.MX, cancellationToken);
        if (answer.Failure is { } failure)
        {
            return new SecureExchangers(DnsStatus.TemporaryFailure, SecureExchangers.Insecure.Hosts, failure);
        }

        var found = answer.IsSecure ? FromRecords(name, answer) : SecureExchangers.Insecure;
        _exchangers.Add(name, found, Clamp(answer));
        return found;
    }

    public async Task<TlsaAnswer> FindTlsaAsync(string host, int port, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!IsTrusted || !DomainName.TryNormalize(host.TrimEnd('.'), out var name))
        {
            return TlsaAnswer.None(host);
        }

        var key = string.Create(CultureInfo.InvariantCulture, $"_{port}._tcp.{name}");
        if (_tlsa.TryGet(key, out var known))
        {
            return known;
        }

        var (answer, age) = await AskAsync(name, port, cancellationToken);
        if (answer.Status != DnsStatus.TemporaryFailure)
        {
            _tlsa.Add(key, answer, age);
        }

        return answer;
    }

    private static SecureExchangers FromRecords(string domain, DnssecAnswer answer)
    {
        var hosts = answer.Records.OfType<MxRecord>()
            .Select(static mx => DomainName.TryNormalize(mx.Exchange.Value.TrimEnd('.'), out var host) ? host : "")
            .Where(static host => host.Length > 0)
            .ToHashSet(StringComparer.Ordinal);
        if (!answer.Records.OfType<MxRecord>().Any())
        {
            hosts.Add(domain);
        }

        return new SecureExchangers(DnsStatus.Found, hosts, "");
    }

    private async Task<(TlsaAnswer Answer, TimeSpan Age)> AskAsync(string host, int port, CancellationToken cancellationToken)
    {
        var (secure, end, failure, age) = await LocateAsync(host, cancellationToken);
        if (failure is not null)
        {
            return (TlsaAnswer.Failed(host, failure), default);
        }

        if (!secure)
        {
            // RFC 7672 section 2.2.2: no question where the zone is not signed; some servers answer it with an error.
            return (TlsaAnswer.None(host), age);
        }

        var (answer, answerAge) = await AskTlsaAsync(end, port, cancellationToken);
        if (answer.Status == DnsStatus.NotFound && end != host)
        {
            (answer, answerAge) = await AskTlsaAsync(host, port, cancellationToken);
        }

        return (answer, age < answerAge ? age : answerAge);
    }

    /// <summary>Whether the host's zone is signed, and the name at the end of its aliases, where those are signed as well.</summary>
    private async Task<(bool IsSecure, string End, string? Failure, TimeSpan Age)> LocateAsync(string host, CancellationToken cancellationToken)
    {
        var address = await _client.AskAsync(host, QueryType.A, cancellationToken);
        if (address.Failure is null && !address.Records.OfType<ARecord>().Any())
        {
            address = await _client.AskAsync(host, QueryType.AAAA, cancellationToken);
        }

        if (address.Failure is not null)
        {
            return (false, host, address.Failure, default);
        }

        if (address.IsSecure)
        {
            return (true, EndOfAliases(host, address), null, Clamp(address));
        }

        if (!address.Records.OfType<CNameRecord>().Any())
        {
            return (false, host, null, Clamp(address));
        }

        // A signed alias into a zone that is not: the records may stand at the alias itself.
        var alias = await _client.AskAsync(host, QueryType.CNAME, cancellationToken);
        return (alias.IsSecure, host, alias.Failure, Clamp(alias));
    }

    private static string EndOfAliases(string host, DnssecAnswer answer)
    {
        var end = host;
        for (var i = 0; i < MaxAliases; i++)
        {
            var next = answer.Records.OfType<CNameRecord>()
                .FirstOrDefault(alias => alias.DomainName.Value.AsSpan().TrimEnd('.').Equals(end, StringComparison.OrdinalIgnoreCase));
            if (next is null || !DomainName.TryNormalize(next.CanonicalName.Value.TrimEnd('.'), out var name))
            {
                break;
            }

            end = name;
        }

        return end;
    }

    private async Task<(TlsaAnswer Answer, TimeSpan Age)> AskTlsaAsync(string host, int port, CancellationToken cancellationToken)
    {
        var answer = await _client.AskAsync(string.Create(CultureInfo.InvariantCulture, $"_{port}._tcp.{host}"), QueryType.TLSA, cancellationToken);
        if (answer.Failure is { } failure)
        {
            return (TlsaAnswer.Failed(host, failure), default);
        }

        var records = answer.IsSecure ? Associations(answer) : [];
        return (records.Length == 0 ? TlsaAnswer.None(host) : new TlsaAnswer(DnsStatus.Found, host, records, ""), Clamp(answer));
    }

    private static TlsaAssociation[] Associations(DnssecAnswer answer) =>
    [
        .. answer.Records.OfType<TlsaRecord>().Take(MaxRecords).Select(static record => new TlsaAssociation(
            (int)record.CertificateUsage, (int)record.Selector, (int)record.MatchingType, record.CertificateAssociationData.ToArray())),
    ];

    private TimeSpan Clamp(DnssecAnswer answer)
    {
        var most = answer.Records.Count > 0 ? _options.MaxAge : _options.MaxNegativeAge;
        var age = answer.Age;
        return age < _options.MinAge ? _options.MinAge : age > most ? most : age;
    }
}

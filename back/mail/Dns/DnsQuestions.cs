using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Smtpy.Mail.Dns;

/// <summary>One question, one answer, over DnsClient: UDP first, TCP where the answer is cut short. What goes wrong is an answer too.</summary>
internal sealed class DnsQuestions
{
    private readonly LookupClient _client;
    private readonly MailResolverOptions _options;

    public DnsQuestions(MailResolverOptions options)
    {
        _options = options;
        var settings = options.Server is null ? new LookupClientOptions() : new LookupClientOptions(options.Server);
        settings.UseCache = false;
        settings.Timeout = options.Timeout;
        settings.Retries = options.Retries;
        settings.ContinueOnDnsError = false;
        settings.ContinueOnEmptyResponse = false;
        _client = new LookupClient(settings);
    }

    /// <param name="name">As <see cref="DnsName.ToAscii"/> gives it.</param>
    public async Task<DnsReply> AskAsync(string name, QueryType type, CancellationToken cancellationToken)
    {
        try
        {
            var question = new DnsQuestion(Verbatim(name), type);
            return Judge(await _client.QueryAsync(question, cancellationToken), type);
        }
        catch (DnsResponseException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return DnsReply.Failed($"DNS: {e.DnsError}");
        }
        catch (SocketException e)
        {
            return DnsReply.Failed($"DNS: {e.SocketErrorCode}");
        }
        catch (IOException)
        {
            return DnsReply.Failed("DNS: the connection broke");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DnsReply.Failed("DNS: timed out");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever a malformed answer makes the library throw. Its message holds octets of a shared buffer: it goes into no log.
            return DnsReply.Failed("DNS: the answer is malformed");
        }
    }

    /// <summary>
    /// As "response" text, because that alone takes any octet in a label: what SPF macros make is no host name. A-labels go in upper
    /// case, which means the same, so that DnsClient does not turn them into Unicode and then ask for that.
    /// </summary>
    private static DnsString Verbatim(string name) =>
        DnsString.FromResponseQueryString(name.Replace("xn--", "XN--", StringComparison.OrdinalIgnoreCase));

    private DnsReply Judge(IDnsQueryResponse response, QueryType type)
    {
        var code = response.Header.ResponseCode;
        if (code == DnsHeaderResponseCode.NotExistentDomain)
        {
            return response.Answers.Count == 0
                ? new DnsReply(DnsStatus.NotFound, [], "the name does not exist", NegativeAge(response))
                : new DnsReply(DnsStatus.Found, [], "", NegativeAge(response));
        }

        if (code != DnsHeaderResponseCode.NoError)
        {
            return DnsReply.Failed($"DNS: {code}");
        }

        DnsResourceRecord[] records = [.. response.Answers.Where(record => (int)record.RecordType == (int)type)];
        var age = records.Length == 0
            ? NegativeAge(response)
            : Clamp(TimeSpan.FromSeconds(response.Answers.Min(record => record.InitialTimeToLive)), _options.MaxAge);
        return new DnsReply(DnsStatus.Found, records, "", age);
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
}

/// <summary>
/// What the resolver said. An alias (CNAME) that leads to nothing is a name that exists without a record: the code of such an answer
/// is about the end of the chain (RFC 6604 section 3), and "does not exist" must not be said of its beginning.
/// </summary>
/// <param name="Status">Found also without records.</param>
/// <param name="Age">How long it may be believed; zero: not at all.</param>
internal sealed record DnsReply(DnsStatus Status, DnsResourceRecord[] Records, string Reason, TimeSpan Age)
{
    public static DnsReply Failed(string reason) => new(DnsStatus.TemporaryFailure, [], reason, TimeSpan.Zero);
}

using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Smtpy.Mail.Dns;

/// <summary>Asks the resolver with the DO bit, and reads from the AD bit whether it has validated the answer (RFC 4035 section 3.2).</summary>
internal sealed class DnssecClient
{
    /// <summary>Docker's forwarder in every container: a loopback address, but it passes on an AD bit that came over the network.</summary>
    private static readonly IPAddress DockerForwarder = IPAddress.Parse("127.0.0.11");

    private readonly LookupClient _client;

    public DnssecClient(MailResolverOptions options)
    {
        var settings = options.Server is null ? new LookupClientOptions() : new LookupClientOptions(options.Server);
        settings.UseCache = false;
        settings.Timeout = options.Timeout;
        settings.Retries = options.Retries;
        settings.ContinueOnDnsError = false;
        settings.ContinueOnEmptyResponse = false;
        settings.RequestDnsSecRecords = true;
        _client = new LookupClient(settings);
        IsLocal = _client.NameServers.Count > 0 && _client.NameServers.All(static server => IsLocalAddress(server.Address));
    }

    /// <summary>All resolvers that may be asked are on this machine.</summary>
    public bool IsLocal { get; }

    public async Task<DnssecAnswer> AskAsync(string name, QueryType type, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _client.QueryAsync(name, type, cancellationToken: cancellationToken);
            var code = response.Header.ResponseCode;
            return code is DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain
                ? new DnssecAnswer(null, response.Header.IsAuthenticData, response.Answers, response.Authorities.OfType<SoaRecord>().FirstOrDefault())
                : DnssecAnswer.Failed($"DNS: {code}");
        }
        catch (DnsResponseException e)
        {
            return DnssecAnswer.Failed($"DNS: {e.DnsError}");
        }
        catch (SocketException e)
        {
            return DnssecAnswer.Failed($"DNS: {e.SocketErrorCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DnssecAnswer.Failed("DNS: timed out");
        }
    }

    internal static bool IsLocalAddress(string text) =>
        IPAddress.TryParse(text, out var address) && IPAddress.IsLoopback(address) && !DockerForwarder.Equals(address);
}

/// <param name="Failure">Null for an answer, also one that says that there is nothing.</param>
/// <param name="IsSecure">The resolver has validated it.</param>
internal sealed record DnssecAnswer(string? Failure, bool IsSecure, IReadOnlyList<DnsResourceRecord> Records, SoaRecord? Authority)
{
    public static DnssecAnswer Failed(string reason) => new(reason, false, [], null);

    /// <summary>How long the answer is good for; 0 where nothing says so.</summary>
    public TimeSpan Age => TimeSpan.FromSeconds(
        Records.Count > 0 ? Records.Min(static record => record.InitialTimeToLive)
        : Authority is { } soa ? Math.Min(soa.InitialTimeToLive, soa.Minimum)
        : 0);
}

using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>
/// Gets policy files: "https://mta-sts.DOMAIN/.well-known/mta-sts.txt" with a valid certificate, no redirects, no cookies, no proxy,
/// bounded in size and time (RFC 8461 section 3.3). The server is found with the mail resolver.
/// </summary>
public sealed class StsPolicyFetcher : IDisposable
{
    private readonly IMailResolver _resolver;
    private readonly StsOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public StsPolicyFetcher(IMailResolver resolver, StsOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_resolver, _options, _time) = (resolver, options, time);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            // One file of each server: there is nothing to reuse a connection for.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = ChainPolicy(options.TrustedRoots) },
        };
        _http = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <param name="domain">Lower case, A-labels.</param>
    public async Task<StsFetch> FetchAsync(string domain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(domain);
        using var limit = new CancellationTokenSource(_options.FetchTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await GetAsync(domain, both.Token);
        }
        catch (HttpRequestException e)
        {
            return e.HttpRequestError == HttpRequestError.SecureConnectionError && e.InnerException is AuthenticationException
                ? StsFetch.Failed(TlsResult.StsWebpkiInvalid, "the certificate of the policy server is not valid")
                : StsFetch.Failed(TlsResult.StsPolicyFetchError, e.Message);
        }
        catch (Exception e) when (e is IOException or UriFormatException)
        {
            return StsFetch.Failed(TlsResult.StsPolicyFetchError, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return StsFetch.Failed(TlsResult.StsPolicyFetchError, "the policy server did not answer in time");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<StsFetch> GetAsync(string domain, CancellationToken cancellationToken)
    {
        var url = new UriBuilder(Uri.UriSchemeHttps, "mta-sts." + domain, _options.Port, "/.well-known/mta-sts.txt").Uri;
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.ConnectionClose = true;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return StsFetch.Failed(TlsResult.StsPolicyFetchError, $"the policy server answered {(int)response.StatusCode}");
        }

        if (!string.Equals(response.Content.Headers.ContentType?.MediaType, "text/plain", StringComparison.OrdinalIgnoreCase))
        {
            return StsFetch.Failed(TlsResult.StsPolicyInvalid, "the policy is not text/plain");
        }

        return await ReadAsync(response.Content, cancellationToken) is not { } text
            ? StsFetch.Failed(TlsResult.StsPolicyInvalid, $"the policy is longer than {_options.MaxPolicyOctets} octets")
            : StsPolicy.TryParse(text, out var policy, out var problem)
                ? new StsFetch(policy, TlsResult.Success, "")
                : StsFetch.Failed(TlsResult.StsPolicyInvalid, "not a policy: " + problem);
    }

    private async Task<string?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(_options.MaxPolicyOctets + 1);
        try
        {
            var length = await stream.ReadAtLeastAsync(
                buffer.AsMemory(0, _options.MaxPolicyOctets + 1), _options.MaxPolicyOctets + 1, throwOnEndOfStream: false, cancellationToken);
            return length > _options.MaxPolicyOctets ? null : Encoding.UTF8.GetString(buffer, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var found = await _resolver.FindAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        if (found.Addresses.Count == 0)
        {
            throw new IOException($"{context.DnsEndPoint.Host}: {found.Reason}");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. found.Addresses], context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e is SocketException failure ? new IOException(failure.SocketErrorCode.ToString(), e) : e;
        }
    }

    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection? roots)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (roots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }
}

/// <summary>A policy, or why there is none.</summary>
/// <param name="Result">Success, or one of the three results about policies.</param>
public readonly record struct StsFetch(StsPolicy? Policy, TlsResult Result, string Reason)
{
    public static StsFetch Failed(TlsResult result, string reason) => new(null, result, reason);
}

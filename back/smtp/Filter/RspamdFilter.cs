using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Filter;

/// <summary>Rspamd over HTTP (its "/checkv2"). Where it does not answer, mail goes on without its opinion.</summary>
public sealed partial class RspamdFilter(
    RspamdOptions options, HttpClient http, IMessageStore store, FilterMetrics metrics, TimeProvider time, ILogger<RspamdFilter> logger) : ISpamFilter
{
    private readonly Uri _check = new(options.Url, "checkv2");

    public async ValueTask<SpamJudgement?> AskAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Size > options.MaxSize)
        {
            metrics.Scanned(SpamScan.TooLarge);
            return null;
        }

        using var request = Request(message);
        using var limit = new CancellationTokenSource(options.TimeLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, both.Token);
            response.EnsureSuccessStatusCode();
            var judgement = Read(await response.Content.ReadAsByteArrayAsync(both.Token));
            metrics.Scanned(judgement is null ? SpamScan.Skipped : SpamScan.Answered);
            return judgement;
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or StorageException or IOException or OperationCanceledException)
        {
            metrics.Scanned(SpamScan.Failed);
            LogFailed(message.Id, failure is OperationCanceledException ? "no answer in time" : failure.Message);
            return null;
        }
    }

    /// <summary>A client for Rspamd alone: no proxy, no redirects, answers of bounded size.</summary>
    public static HttpClient Client(RspamdOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
        })
        {
            // The limit of each question is its own.
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.MaxAnswer,
        };
    }

    private HttpRequestMessage Request(IncomingMessage message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _check) { Content = new StoredMessageContent(message, store) };
        var headers = request.Headers;
        Add(headers, "IP", message.Peer.RemoteEndPoint.Address.ToString());
        Add(headers, "Helo", message.Peer.Helo);
        Add(headers, "From", message.Sender);
        Add(headers, "Queue-Id", message.Id.ToString(CultureInfo.InvariantCulture));
        foreach (var recipient in message.Transaction.Recipients)
        {
            Add(headers, "Rcpt", recipient.Address);
        }

        if (options.Password is { } password)
        {
            Add(headers, "Password", password);
        }

        return request;
    }

    private static void Add(HttpRequestHeaders headers, string name, string value)
    {
        if (value.Length > 0)
        {
            // False where it has a line end, which no envelope has.
            headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>Null where Rspamd has skipped the message, or the answer has none of what we need.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <summary>
    /// "is_skipped" is also said where one rule was enough and the others were not asked: then the action counts. Without an action, nobody looked.
    /// </summary>
    private static SpamJudgement? Read(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var answer = document.RootElement;
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("action", out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var action = value.GetString()!;
        return action == "no action" && answer.TryGetProperty("is_skipped", out var skipped) && skipped.ValueKind == JsonValueKind.True
            ? null
            : new SpamJudgement(Number(answer, "score"), Number(answer, "required_score"), action);
    }

    private static double Number(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
        && double.IsFinite(number) ? number : 0;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Rspamd did not say anything about message {MessageId}: {Reason}")]
    private partial void LogFailed(long messageId, string reason);
}

using System.Net;

namespace Smtpy.Deployment;

/// <summary>Counts one kind of request: how many were answered as they should be, and what became of the others.</summary>
internal sealed class RequestTally
{
    private readonly List<string> _failures = [];
    private int _answered;
    private volatile bool _succeedsNow;

    public int Answered => Volatile.Read(ref _answered);

    public int Failed
    {
        get
        {
            lock (_failures)
            {
                return _failures.Count;
            }
        }
    }

    public bool SucceedsNow => _succeedsNow;

    /// <param name="isRight">Takes the answer, and whether the request was sent twice.</param>
    public async Task CountAsync(Func<Task<HttpResponseMessage>> send, Func<(HttpStatusCode Status, string Text), bool, bool> isRight)
    {
        string? failure;
        try
        {
            var (answer, repeated) = await AskOrRepeatAsync(send);
            failure = isRight(answer, repeated) ? null : $"{(int)answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 80)]}";
        }
        catch (Exception broken) when (broken is HttpRequestException or TaskCanceledException)
        {
            failure = broken.InnerException?.Message ?? broken.Message;
        }

        _succeedsNow = failure is null;
        if (failure is null)
        {
            Interlocked.Increment(ref _answered);
            return;
        }

        lock (_failures)
        {
            _failures.Add(failure);
        }
    }

    /// <summary>What failed, the first three that differ; empty where nothing did.</summary>
    public string Failures(string what)
    {
        lock (_failures)
        {
            return _failures.Count == 0 ? "" : $"{_failures.Count} {what}: {string.Join("; ", _failures.Distinct().Take(3))}";
        }
    }

    /// <summary>
    /// A server that ends a connection in good order says so (GOAWAY, NO_ERROR), and a request that crosses this on its way was not
    /// worked on: clients repeat it (RFC 9113 section 6.8), browsers without a word. nginx does so with each reload.
    /// </summary>
    private static async Task<((HttpStatusCode Status, string Text) Answer, bool Repeated)> AskOrRepeatAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            return (await ReadAsync(send), false);
        }
        catch (HttpRequestException closed) when (closed.InnerException is HttpProtocolException { ErrorCode: 0 })
        {
            return (await ReadAsync(send), true);
        }
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadAsync(Func<Task<HttpResponseMessage>> send)
    {
        using var response = await send();
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}

using System.Net;

namespace Smtpy.Deployment;

/// <summary>Asks the API through the frontend, over and over, and counts what was not answered 200.</summary>
internal sealed class RequestLoad
{
    /// <summary>Slow enough for the limits that every client has.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly List<string> _failures = [];
    private int _answered;
    private volatile bool _succeedsNow;

    public int Failed => _failures.Count;

    public bool SucceedsNow => _succeedsNow;

    public async Task RunAsync(CancellationToken stop)
    {
        using var web = new Web();
        while (!stop.IsCancellationRequested)
        {
            await AskAsync(web);
            await Task.Delay(Interval, CancellationToken.None);
        }
    }

    public override string ToString()
    {
        lock (_failures)
        {
            return _failures.Count == 0 ? $"{_answered} answered, none failed"
                : $"{_answered} answered, {_failures.Count} failed ({string.Join("; ", _failures.Distinct().Take(3))})";
        }
    }

    /// <summary>
    /// A server that ends a connection in good order says so (GOAWAY, NO_ERROR), and a request that crosses this on its way was not
    /// worked on: clients repeat it (RFC 9113 section 6.8), browsers without a word. nginx does so with each reload.
    /// </summary>
    private static async Task<(HttpStatusCode Status, string Text)> AskOrRepeatAsync(Web web)
    {
        try
        {
            return await web.GetAsync("health");
        }
        catch (HttpRequestException closed) when (closed.InnerException is HttpProtocolException { ErrorCode: 0 })
        {
            return await web.GetAsync("health");
        }
    }

    private async Task AskAsync(Web web)
    {
        string? failure;
        try
        {
            var (status, text) = await AskOrRepeatAsync(web);
            failure = status == HttpStatusCode.OK ? null : $"{(int)status} {text[..Math.Min(text.Length, 80)]}";
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
}

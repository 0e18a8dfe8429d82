using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Smtpy.Core.Coordination;

/// <summary>
/// The connection to Redis, which may be gone at any time. After the first command that fails nobody asks it any more until a
/// look once a second, by writing, says that it is back: a dead Redis costs one short wait, not one for every request.
/// </summary>
public sealed partial class RedisLink(RedisOptions options, RedisMetrics metrics, TimeProvider time, ILogger<RedisLink> logger) : IAsyncDisposable
{
    /// <summary>Text, not the client's type: a server without Redis knows this class, and its client need not be loaded for that.</summary>
    private const string ProbeKey = "smtpy:probe";

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _judged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private volatile Action[] _whenBack = [];
    private volatile ConnectionMultiplexer? _connection;
    private Task? _watching;

    /// <summary>Null until the first look.</summary>
    private bool? _isUp;

    public bool IsUp
    {
        get
        {
            lock (_gate)
            {
                return _isUp == true;
            }
        }
    }

    /// <summary>Why it is not up; empty while it is.</summary>
    public string Reason { get; private set; } = "not asked yet";

    public RedisOptions Options => options;

    /// <summary>Begins to watch, and waits for the first verdict; no longer than connecting may take.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _watching ??= Task.Run(() => WatchAsync(_stop.Token), CancellationToken.None);
        }

        try
        {
            await _judged.Task.WaitAsync(options.ConnectTimeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Watched on; until it answers it is not used.
        }
    }

    /// <summary>Calls each time that Redis is back after it was gone: what it would have told was missed.</summary>
    public void WhenBack(Action action)
    {
        lock (_gate)
        {
            _whenBack = [.. _whenBack, action];
        }
    }

    /// <summary>Runs commands where Redis is up.</summary>
    /// <returns>False where they were not run, or their fate is not known; never throws because of Redis.</returns>
    internal async ValueTask<bool> TryAsync(Func<IConnectionMultiplexer, Task> commands)
    {
        if (!IsUp || _connection is not { } connection)
        {
            return false;
        }

        try
        {
            await commands(connection);
            return true;
        }
        catch (Exception failure) when (IsOfRedis(failure))
        {
            Fail(failure);
            return false;
        }
    }

    /// <summary>The same for callers that cannot wait asynchronously.</summary>
    internal bool Try(Action<IDatabase> commands)
    {
        if (!IsUp || _connection is not { } connection)
        {
            return false;
        }

        try
        {
            commands(connection.GetDatabase());
            return true;
        }
        catch (Exception failure) when (IsOfRedis(failure))
        {
            Fail(failure);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_watching is not null)
        {
            await _watching;
        }

        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _stop.Dispose();
    }

    private static bool IsOfRedis(Exception failure) => failure is RedisException or TimeoutException or ObjectDisposedException;

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.ProbeInterval, time);
        try
        {
            do
            {
                await LookAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            _connection ??= await ConnectionMultiplexer.ConnectAsync(options.ToConfiguration()).WaitAsync(cancellationToken);

            // A write: a Redis that answers PING but is full, loading or a replica is of no use.
            await _connection.GetDatabase().StringSetAsync(ProbeKey, RedisValue.EmptyString, TimeSpan.FromSeconds(10)).WaitAsync(cancellationToken);
            Judge(true, "");
        }
        catch (Exception failure) when (IsOfRedis(failure))
        {
            Fail(failure);
        }
    }

    private void Fail(Exception failure)
    {
        metrics.Failed();
        Judge(false, failure.Message.ReplaceLineEndings(" "));
    }

    private void Judge(bool isUp, string reason)
    {
        bool? before;
        lock (_gate)
        {
            before = _isUp;
            _isUp = isUp;
            Reason = reason;
        }

        metrics.State(isUp);
        _judged.TrySetResult();
        if (before == isUp)
        {
            return;
        }

        if (!isUp)
        {
            LogDown(options, reason);
            return;
        }

        LogUp(options);
        if (before is not null)
        {
            foreach (var action in _whenBack)
            {
                action();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis at {Redis} answers: limits and changes are shared")]
    private partial void LogUp(RedisOptions redis);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Redis at {Redis} does not answer: each process counts limits alone and looks for changes itself ({Reason})")]
    private partial void LogDown(RedisOptions redis, string reason);
}

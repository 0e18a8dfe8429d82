using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Authentication;

/// <summary>
/// The DNS questions of one message: none is asked twice while its answer is under way or known to have failed, and after the time is over
/// each is a temporary failure. What the resolver below has at hand is passed on without waiting. Thread-safe.
/// </summary>
public sealed class MessageQuestions(IRecordResolver resolver, TimeProvider time) : IRecordResolver, ITextResolver, IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();
    private Dictionary<(char Type, string Name), Task>? _asked;
    private TimeSpan? _limit;
    private long _limitedAt;

    /// <summary>None until something is waited for: most messages find all their answers at hand.</summary>
    private ITimer? _clock;
    private bool _isWaitedFor;
    private bool _disposed;

    /// <summary>From now on.</summary>
    public void EndAfter(TimeSpan limit)
    {
        lock (_gate)
        {
            (_limit, _limitedAt) = (limit == Timeout.InfiniteTimeSpan ? null : limit, time.GetTimestamp());
            if (_isWaitedFor && _limit is not null)
            {
                WindUp();
            }
        }
    }

    public ValueTask<RecordAnswer<string>> FindTextsAsync(string name, CancellationToken cancellationToken) =>
        FindAsync('T', name, static (below, name, cancel) => below.FindTextsAsync(name, cancel), cancellationToken);

    public ValueTask<RecordAnswer<IPAddress>> FindAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
        family == AddressFamily.InterNetwork
            ? FindAsync('4', name, static (below, name, cancel) => below.FindAddressesAsync(name, AddressFamily.InterNetwork, cancel), cancellationToken)
            : FindAsync('6', name, static (below, name, cancel) => below.FindAddressesAsync(name, AddressFamily.InterNetworkV6, cancel), cancellationToken);

    public ValueTask<RecordAnswer<MailExchanger>> FindExchangersAsync(string name, CancellationToken cancellationToken) =>
        FindAsync('M', name, static (below, name, cancel) => below.FindExchangersAsync(name, cancel), cancellationToken);

    public ValueTask<RecordAnswer<string>> FindNamesAsync(IPAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        return FindAsync('P', address.ToString(), static (below, name, cancel) => below.FindNamesAsync(IPAddress.Parse(name), cancel), cancellationToken);
    }

    /// <summary>As keys are asked for: a name without a TXT record is not found.</summary>
    Task<TextRecords> ITextResolver.FindTextsAsync(string name, CancellationToken cancellationToken) =>
        new CachedTextResolver(this).FindTextsAsync(name, cancellationToken);

    public void Dispose()
    {
        lock (_gate)
        {
            // A check that goes on behind our back finds its time over.
            _disposed = true;
            _clock?.Dispose();
            _over.Cancel();
            _over.Dispose();
        }
    }

    private TimeSpan Left => _limit is { } limit ? limit - time.GetElapsedTime(_limitedAt) : Timeout.InfiniteTimeSpan;

    private bool IsOver => _over.IsCancellationRequested || (_limit is not null && Left <= TimeSpan.Zero);

    private void Await()
    {
        _isWaitedFor = true;
        if (_limit is not null && _clock is null && !_disposed)
        {
            WindUp();
        }
    }

    private void WindUp()
    {
        _clock?.Dispose();
        var left = Left;
        _clock = time.CreateTimer(
            static questions => ((MessageQuestions)questions!).End(), this, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Not under the lock: who waits goes on within this call.</summary>
    private void End()
    {
        try
        {
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    private ValueTask<RecordAnswer<T>> FindAsync<T>(
        char type, string name, Func<IRecordResolver, string, CancellationToken, ValueTask<RecordAnswer<T>>> ask, CancellationToken cancellationToken)
    {
        Task<RecordAnswer<T>> asked;
        lock (_gate)
        {
            // Case means nothing in DNS, but SPF macros give it on: then it is another question.
            if (_asked?.TryGetValue((type, name), out var known) == true)
            {
                asked = (Task<RecordAnswer<T>>)known;
            }
            else
            {
                var asking = AskAsync(name, ask);
                if (!asking.IsCompletedSuccessfully)
                {
                    Await();
                    asked = asking.AsTask();
                }
                else
                {
                    var answer = asking.Result;
                    if (answer.Status != DnsStatus.TemporaryFailure)
                    {
                        return ValueTask.FromResult(answer);
                    }

                    asked = Task.FromResult(answer);
                }

                (_asked ??= [])[(type, name)] = asked;
            }
        }

        return new ValueTask<RecordAnswer<T>>(asked.WaitAsync(cancellationToken));
    }

    /// <summary>Ends with the message's time, not with that of the check that asked first: another may wait for it, too.</summary>
    private async ValueTask<RecordAnswer<T>> AskAsync<T>(
        string name, Func<IRecordResolver, string, CancellationToken, ValueTask<RecordAnswer<T>>> ask)
    {
        if (IsOver)
        {
            return OutOfTime<T>();
        }

        try
        {
            return await ask(resolver, name, _over.Token);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            return OutOfTime<T>();
        }
    }

    private static RecordAnswer<T> OutOfTime<T>() => new(DnsStatus.TemporaryFailure, [], "no answer in time");
}

namespace Smtpy.Mail.TlsPolicy;

/// <summary>One domain in the cache.</summary>
internal sealed class StsEntry(string domain)
{
    private readonly Lock _gate = new();
    private volatile StsState? _state;
    private Task<StsState>? _work;
    private long _lastUsed;

    public string Domain => domain;

    /// <summary>Null until it was looked at.</summary>
    public StsState? State => _state;

    public DateTimeOffset LastUsed
    {
        get => new(Volatile.Read(ref _lastUsed), TimeSpan.Zero);
        set => Volatile.Write(ref _lastUsed, value.UtcTicks);
    }

    /// <summary>Does the work, or waits for what is being done already: one question at a time for a domain.</summary>
    public Task<StsState> ShareAsync(Func<StsEntry, Task<StsState>> work)
    {
        lock (_gate)
        {
            if (_work is null or { IsCompleted: true })
            {
                _work = Task.Run(() => RunAsync(work));
            }

            return _work;
        }
    }

    private async Task<StsState> RunAsync(Func<StsEntry, Task<StsState>> work)
    {
        var state = await work(this);
        _state = state;
        return state;
    }
}

/// <param name="Id">Of the TXT record under which the policy was fetched.</param>
/// <param name="NextCheck">When DNS is asked again.</param>
internal sealed record StsState(string? Id, StsPolicy? Policy, DateTimeOffset FetchedAt, DateTimeOffset NextCheck)
{
    public DateTimeOffset ExpiresAt => FetchedAt + (Policy?.MaxAge ?? TimeSpan.Zero);

    /// <summary>After a failure in the background, not before.</summary>
    public DateTimeOffset NextRenewal { get; init; }

    public TlsResult? Problem { get; init; }

    public string Reason { get; init; } = "";

    public StsFinding FindingAt(DateTimeOffset now) => new(now < ExpiresAt ? Policy : null, Problem, Reason);
}

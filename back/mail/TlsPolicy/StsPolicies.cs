using System.Collections.Concurrent;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>
/// The MTA-STS policies of the domains that mail goes to. A policy holds until it expires, whatever DNS and the policy server say or
/// fail to say meanwhile (RFC 8461 section 5.1); it is replaced when the id in DNS changes, and fetched anew in the background.
/// </summary>
public sealed class StsPolicies(
    ITextResolver texts, StsPolicyFetcher fetcher, ITlsPolicyStore store, StsOptions options, TlsMetrics metrics, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, StsEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Domains in memory.</summary>
    public int Count => _entries.Count;

    /// <param name="domain">The recipient's; in any spelling.</param>
    public async Task<StsFinding> FindAsync(string domain, CancellationToken cancellationToken)
    {
        if (!DomainName.TryNormalize(domain, out var name))
        {
            return default;
        }

        if (!_entries.TryGetValue(name, out var entry))
        {
            MakeRoom();
            entry = _entries.GetOrAdd(name, static key => new StsEntry(key));
        }

        var now = time.GetUtcNow();
        entry.LastUsed = now;
        var state = entry.State;
        if (state is null || now >= state.NextCheck)
        {
            // Whoever asks first asks for all; a caller that gives up does not end it for the others.
            state = await entry.ShareAsync(CheckAsync).WaitAsync(cancellationToken);
        }

        return state.FindingAt(now);
    }

    /// <summary>Fetches what is old anew; called every few minutes.</summary>
    /// <returns>Number of policies that were due.</returns>
    public async Task<int> RefreshAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = _entries.Values.Where(entry => IsDue(entry, now)).ToList();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = options.RefreshConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(due, limits, async (entry, cancelled) => await entry.ShareAsync(RenewAsync).WaitAsync(cancelled));
        return due.Count;
    }

    private bool IsDue(StsEntry entry, DateTimeOffset now)
    {
        if (entry.State is not { Policy: { } policy } state || now >= state.ExpiresAt || now < state.NextRenewal
            || now - entry.LastUsed > options.ForgetUnused)
        {
            return false;
        }

        var half = policy.MaxAge / 2;
        return now >= state.FetchedAt + (half < options.RefreshAfter ? half : options.RefreshAfter);
    }

    private async Task<StsState> CheckAsync(StsEntry entry)
    {
        var now = time.GetUtcNow();
        var state = entry.State ?? await ReadAsync(entry.Domain, now);
        if (entry.State is not null && now < state.NextCheck)
        {
            return state;
        }

        var answer = await texts.FindTextsAsync("_mta-sts." + entry.Domain, CancellationToken.None);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return state with { NextCheck = now + options.RetryInterval };
        }

        var id = answer.Status == DnsStatus.Found ? StsRecord.FindId(answer.Texts) : null;
        if (id is null || (id == state.Id && now < state.ExpiresAt))
        {
            return (id is null ? state with { Problem = null, Reason = "" } : state) with { NextCheck = now + options.CheckInterval };
        }

        return await FetchAsync(entry.Domain, id, state);
    }

    /// <summary>In the background; without an answer the policy that is there stays.</summary>
    private async Task<StsState> RenewAsync(StsEntry entry) =>
        entry.State is { Id: { } id } state ? await FetchAsync(entry.Domain, id, state) : await CheckAsync(entry);

    private async Task<StsState> FetchAsync(string domain, string id, StsState state)
    {
        var fetch = await fetcher.FetchAsync(domain, CancellationToken.None);
        metrics.Fetched(fetch.Result);
        var now = time.GetUtcNow();
        if (fetch.Policy is not { } policy)
        {
            var later = now + options.RetryInterval;
            return state with { NextCheck = later, NextRenewal = later, Problem = fetch.Result, Reason = fetch.Reason };
        }

        var fetched = new StsState(id, policy, now, now + options.CheckInterval);
        await store.WriteAsync(new StoredTlsPolicy(domain, id, policy.ToString(), now, fetched.ExpiresAt), CancellationToken.None);
        return fetched;
    }

    private async Task<StsState> ReadAsync(string domain, DateTimeOffset now) =>
        await store.ReadAsync(domain, CancellationToken.None) is { } stored
            && now < stored.ExpiresAt && StsPolicy.TryParse(stored.Text, out var policy, out _)
            ? new StsState(stored.Id, policy, stored.FetchedAt, now)
            : new StsState(null, null, now, now);

    private void MakeRoom()
    {
        if (_entries.Count < options.CacheEntries)
        {
            return;
        }

        // A tenth at a time, the longest unused first, so that it is not done for each new domain.
        foreach (var entry in _entries.Values.OrderBy(static entry => entry.LastUsed).Take(Math.Max(1, options.CacheEntries / 10)))
        {
            _entries.TryRemove(entry.Domain, out _);
        }
    }
}

/// <summary>What is known about a domain's policy.</summary>
/// <param name="Policy">The one that holds now, or null.</param>
/// <param name="Problem">Why the policy that DNS announces could not be had; null when nothing is wrong.</param>
/// <param name="Reason">The problem in words; else empty.</param>
public readonly record struct StsFinding(StsPolicy? Policy, TlsResult? Problem, string? Reason);

using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Coordination;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Accounts;

/// <summary>
/// Says whose key a token is. Found keys are remembered for seconds, so that a busy client costs no query a request; a revocation
/// is heard by signal, and without one takes effect when that time is over. A token is looked up by its hash: there is nothing to
/// compare, so nothing to time.
/// </summary>
public sealed class ApiKeyDirectory
{
    /// <summary>What a revoked key may still do where no signal reaches this process.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    /// <summary>last_used_at is exact to this: a write for every request would cost more than most requests.</summary>
    private static readonly TimeSpan UsePrecision = TimeSpan.FromMinutes(1);

    private const int MostRemembered = 10_000;

    private readonly IDbContextFactory<SmtpyContext> _contexts;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Entry> _known = new();
    private long _generation;

    public ApiKeyDirectory(IDbContextFactory<SmtpyContext> contexts, ISignals signals, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(signals);
        (_contexts, _time) = (contexts, time);
        signals.Listen(Hear);
    }

    /// <returns>The key, or null where there is none or it has expired.</returns>
    public async ValueTask<ApiKey?> FindAsync(string token, CancellationToken cancellationToken)
    {
        if (!ApiKeyToken.IsWellFormed(token))
        {
            return null;
        }

        var hash = ApiKeyToken.Hash(token);
        var now = _time.GetUtcNow();
        if (!_known.TryGetValue(hash, out var entry) || now >= entry.Until)
        {
            entry = await LookUpAsync(hash, now, cancellationToken);
        }

        if (entry is null || entry.Key.ExpiresAt <= now)
        {
            return null;
        }

        await NoteUseAsync(entry.Key, now, cancellationToken);
        return entry.Key;
    }

    private async Task<Entry?> LookUpAsync(string hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var generation = Volatile.Read(ref _generation);
        await using var context = await _contexts.CreateDbContextAsync(cancellationToken);
        var key = await context.ApiKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Hash == hash, cancellationToken);
        if (key is null)
        {
            _known.TryRemove(hash, out _);
            return null;
        }

        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        var entry = new Entry(key, now + Remembered);
        _known[hash] = entry;

        // Revoked while it was read: it counts this once, and is not remembered.
        if (Volatile.Read(ref _generation) != generation)
        {
            _known.TryRemove(hash, out _);
        }

        return entry;
    }

    private async Task NoteUseAsync(ApiKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - UsePrecision;
        lock (key)
        {
            if (key.LastUsedAt > before)
            {
                return;
            }

            key.LastUsedAt = now;
        }

        await using var context = await _contexts.CreateDbContextAsync(cancellationToken);
        await context.ApiKeys.Where(k => k.Id == key.Id && (k.LastUsedAt == null || k.LastUsedAt <= before))
            .ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now), cancellationToken);
    }

    private void Hear(Signal signal)
    {
        if (signal.Kind is SignalKind.KeyRevoked or SignalKind.Resumed)
        {
            // Revocations are rare: looking all keys up again is cheaper than an index by id.
            Interlocked.Increment(ref _generation);
            _known.Clear();
        }
    }

    private sealed record Entry(ApiKey Key, DateTimeOffset Until);
}

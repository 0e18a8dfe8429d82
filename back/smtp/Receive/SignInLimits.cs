using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;

namespace Smtpy.Smtp.Receive;

/// <summary>Counts failed sign-ins by client and by user name, whether or not there is such a user: nobody learns which there are.</summary>
public sealed class SignInLimits(SignInLimitOptions options, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private Period _current = new(0);

    public bool MayTry(IPAddress client, string userName)
    {
        var counts = Current().Counts;
        return Read(counts, ClientKey(client)) < options.FailuresPerClient && Read(counts, UserKey(userName)) < options.FailuresPerUser;
    }

    public void Failed(IPAddress client, string userName)
    {
        var counts = Current().Counts;
        Interlocked.Increment(ref counts.GetOrAdd(ClientKey(client), static _ => new StrongBox<int>()).Value);
        Interlocked.Increment(ref counts.GetOrAdd(UserKey(userName), static _ => new StrongBox<int>()).Value);
    }

    private Period Current()
    {
        var number = time.GetElapsedTime(_start).Ticks / options.Window.Ticks;
        var period = Volatile.Read(ref _current);
        if (period.Number != number || period.Counts.Count >= options.MaxCounted)
        {
            // Where two turn it at once, one's count of a single failure is lost.
            period = new Period(number);
            Volatile.Write(ref _current, period);
        }

        return period;
    }

    private static int Read(ConcurrentDictionary<string, StrongBox<int>> counts, string key) =>
        counts.TryGetValue(key, out var count) ? Volatile.Read(ref count.Value) : 0;

    private static string ClientKey(IPAddress client) => "client " + ClientLimits.Key(client);

    /// <summary>Without regard to case: where names are compared so, another spelling would be another try.</summary>
    private static string UserKey(string userName) => "user " + userName.ToUpperInvariant();

    private sealed record Period(long Number)
    {
        public ConcurrentDictionary<string, StrongBox<int>> Counts { get; } = new(StringComparer.Ordinal);
    }
}

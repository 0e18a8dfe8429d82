using System.Runtime.InteropServices;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>
/// Counts outgoing sessions for TLS reporting (RFC 8460), by UTC day, policy domain and policy. Today and yesterday are kept: a report
/// is made of a day that is over.
/// </summary>
public sealed class TlsReports(TlsMetrics metrics, TimeProvider time, int maxPolicies = TlsReports.DefaultMaxPolicies)
{
    /// <summary>Policies of one day. 10,000: some 5 MB; sessions of further ones are counted in <see cref="Dropped"/> and the metrics only.</summary>
    public const int DefaultMaxPolicies = 10_000;

    /// <summary>Kinds of failure of one policy and day, by result and host. 20: reports are read by people.</summary>
    public const int MaxFailures = 20;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<DateOnly, Dictionary<(string, TlsPolicyType), Tally>> _days = [];
    private long _dropped;

    /// <summary>Sessions that found no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Count(TlsSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        metrics.Session(session.Result);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        lock (_gate)
        {
            if (!_days.TryGetValue(today, out var day))
            {
                _days.Add(today, day = []);
                while (_days.Count > 2)
                {
                    _days.Remove(_days.Keys.First());
                }
            }

            var key = (session.Domain, session.Type);
            if (!day.TryGetValue(key, out var tally))
            {
                if (day.Count >= maxPolicies)
                {
                    Interlocked.Increment(ref _dropped);
                    return;
                }

                day.Add(key, tally = new Tally());
            }

            tally.Add(session);
        }
    }

    /// <summary>All policies of a day, in no order; empty for a day that is not kept.</summary>
    public IReadOnlyList<TlsPolicyTally> Read(DateOnly day)
    {
        lock (_gate)
        {
            return _days.TryGetValue(day, out var tallies) ? [.. tallies.Select(static pair => pair.Value.Read(pair.Key.Item1, pair.Key.Item2))] : [];
        }
    }

    private sealed class Tally
    {
        private readonly Dictionary<TlsFailureKey, long> _failures = [];
        private IReadOnlyList<string> _policy = [];
        private IReadOnlyList<string> _hosts = [];
        private long _successes;
        private long _failed;

        public void Add(TlsSession session)
        {
            (_policy, _hosts) = (session.PolicyText, session.PolicyHosts);
            if (session.Result == TlsResult.Success)
            {
                _successes++;
                return;
            }

            _failed++;
            var key = new TlsFailureKey(session.Result, session.Host, session.Address);
            if (_failures.Count >= MaxFailures && !_failures.ContainsKey(key))
            {
                key = new TlsFailureKey(session.Result, "", "");
            }

            CollectionsMarshal.GetValueRefOrAddDefault(_failures, key, out _)++;
        }

        public TlsPolicyTally Read(string domain, TlsPolicyType type) => new(
            domain, type, _policy, _hosts, _successes, _failed, [.. _failures.Select(static pair => (pair.Key, pair.Value))]);
    }
}

/// <summary>Kinds of policy (RFC 8460 section 4.4, "policy-type").</summary>
public enum TlsPolicyType
{
    NoPolicyFound = 0,
    Sts = 1,
    Tlsa = 2,
}

/// <summary>One outgoing session, or one that the policy did not let come about.</summary>
/// <param name="Domain">Policy domain: the recipient's for MTA-STS, the TLSA base domain for DANE (RFC 8460 section 4.4).</param>
/// <param name="Host">MX host.</param>
/// <param name="Address">Its address, or empty where none was tried.</param>
/// <param name="PolicyText">Lines of the policy, or TLSA records.</param>
/// <param name="PolicyHosts">MX patterns of an MTA-STS policy.</param>
public sealed record TlsSession(
    string Domain, TlsPolicyType Type, TlsResult Result, string Host, string Address, IReadOnlyList<string> PolicyText,
    IReadOnlyList<string> PolicyHosts);

public readonly record struct TlsFailureKey(TlsResult Result, string Host, string Address);

/// <summary>What a day brought under one policy.</summary>
public sealed record TlsPolicyTally(
    string Domain, TlsPolicyType Type, IReadOnlyList<string> PolicyText, IReadOnlyList<string> PolicyHosts, long Successes, long Failed,
    IReadOnlyList<(TlsFailureKey Key, long Count)> Failures);

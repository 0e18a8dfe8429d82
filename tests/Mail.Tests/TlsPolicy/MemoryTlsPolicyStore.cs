using System.Collections.Concurrent;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Mail.Tests.TlsPolicy;

/// <summary>A store of policies for tests of what stands before it; the program's is in the database.</summary>
internal sealed class MemoryTlsPolicyStore : ITlsPolicyStore
{
    private readonly ConcurrentDictionary<string, StoredTlsPolicy> _policies = new(StringComparer.Ordinal);

    public Task<StoredTlsPolicy?> ReadAsync(string domain, CancellationToken cancellationToken) => Task.FromResult(_policies.GetValueOrDefault(domain));

    public Task WriteAsync(StoredTlsPolicy policy, CancellationToken cancellationToken)
    {
        _policies[policy.Domain] = policy;
        return Task.CompletedTask;
    }
}

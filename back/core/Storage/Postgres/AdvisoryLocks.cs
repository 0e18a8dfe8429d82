namespace Smtpy.Core.Storage.Postgres;

/// <summary>First keys of our advisory locks; the second tells which one of its kind. Any number that is ours alone does.</summary>
internal static class AdvisoryLocks
{
    /// <summary>Migrating; second key 0.</summary>
    public const int Migration = 0x534D_0001;

    /// <summary>
    /// A lease; second key its id. Transactions that write under a lease share it; who ends the lease, or takes back what may have been
    /// stored under it, takes it alone, and so waits until no transaction of unknown fate can still come through.
    /// </summary>
    public const int Lease = 0x534D_0002;

    /// <summary>Purging, which one process does at a time; second key 0.</summary>
    public const int Purge = 0x534D_0003;
}

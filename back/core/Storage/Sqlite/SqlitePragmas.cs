namespace Smtpy.Core.Storage.Sqlite;

/// <summary>How the database file is laid out and written, and why.</summary>
internal static class SqlitePragmas
{
    /// <summary>
    /// Set once, before the first table. auto_vacuum stays off: pages of delivered messages go to the free list and are used
    /// again, so the file is as large as the queue ever was; incremental vacuum would write a pointer map page with every
    /// page taken or freed.
    /// </summary>
    public const string NewDatabase = "PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL";

    /// <summary>
    /// The writer's connection. synchronous=FULL is the promise behind "250": each commit is synced before it returns.
    /// wal_autocheckpoint is off because the writer decides itself when to checkpoint, between commits. A commit's pages fit into a
    /// cache of 8 MiB; 4 MiB took a third more of the processor, 16 MiB gained nothing. docs/performance.md
    /// </summary>
    public const string Writer =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = OFF;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -8192;
        PRAGMA temp_store = MEMORY;
        """;
}

namespace Smtpy.Core.Storage.Postgres;

/// <summary>SQL that several parts of the store share.</summary>
internal static class StoreStatements
{
    /// <summary>Octets are needed by what is queued (0), captured (2), failed (3) and held (4).</summary>
    public const string DeleteUnneededParts =
        """
        DELETE FROM message_parts p WHERE p.message_id = ANY($1)
            AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = p.message_id AND d.state IN (0, 2, 3, 4))
        """;

    /// <summary>
    /// The time on the server, the same for all processes whatever their own clocks say, in Unix milliseconds. $1: milliseconds to add.
    /// </summary>
    public const string Now = "((extract(epoch FROM clock_timestamp()) * 1000)::bigint + $1)";
}

namespace Smtpy.Core.Storage.Postgres;

/// <summary>How one process uses a PostgreSQL server.</summary>
public sealed record PostgresOptions
{
    /// <summary>
    /// Connections of one process, the writers' included. 20: a lookup takes a fraction of a millisecond, so few serve many
    /// clients; and four processes stay below the server's default of 100 connections.
    /// </summary>
    public int PoolSize { get; init; } = 20;

    /// <summary>
    /// Connections that commit mail side by side. 2: while one waits for the disk the other gathers and sends; more make the
    /// batches smaller without making the disk faster.
    /// </summary>
    public int Writers { get; init; } = 2;
}

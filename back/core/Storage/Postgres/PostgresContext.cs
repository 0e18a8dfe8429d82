using Microsoft.EntityFrameworkCore;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>The model in PostgreSQL's types.</summary>
internal sealed class PostgresContext(DbContextOptions<PostgresContext> options, RoutingChanges changes) : SmtpyContext(options, changes);

using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using static SQLitePCL.raw;

namespace Smtpy.Core.Storage;

/// <summary>
/// Changes that another one may come between: two of the same name at once, or a row that goes away after it was read. The
/// database refuses the later one; run again, it sees what the earlier one did and answers for itself.
/// </summary>
internal static class Contention
{
    private const int Attempts = 3;

    /// <param name="change">Everything from the first read on; runs again, with a fresh context, after a collision.</param>
    public static async Task<Outcome<T>> ChangeAsync<T>(
        this IDbContextFactory<SmtpyContext> contexts, Func<SmtpyContext, Task<Outcome<T>>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            try
            {
                return await change(context);
            }
            catch (DbUpdateException failure) when (IsCollision(failure))
            {
                if (attempt == Attempts)
                {
                    return Problem.Conflict("Somebody changed the same thing at the same moment; try again.");
                }
            }
        }
    }

    /// <summary>Class 23 of SQL's states (here unique and foreign keys) and 40 (deadlock, serialization); SQLite has numbers of its own.</summary>
    private static bool IsCollision(DbUpdateException failure) =>
        failure is DbUpdateConcurrencyException || failure.InnerException switch
        {
            SqliteException { SqliteExtendedErrorCode: SQLITE_CONSTRAINT_UNIQUE or SQLITE_CONSTRAINT_PRIMARYKEY or SQLITE_CONSTRAINT_FOREIGNKEY } => true,
            DbException { SqlState: "23505" or "23503" or "40001" or "40P01" } => true,
            _ => false,
        };
}

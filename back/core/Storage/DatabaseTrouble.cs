using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Smtpy.Core.Storage;

/// <summary>What it looks like when the database is away or refuses.</summary>
public static class DatabaseTrouble
{
    /// <summary>Also where Entity Framework has wrapped it: a database that cannot be reached comes as an InvalidOperationException.</summary>
    public static bool IsCauseOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is StorageException or DbException or DbUpdateException)
            {
                return true;
            }
        }

        return false;
    }
}

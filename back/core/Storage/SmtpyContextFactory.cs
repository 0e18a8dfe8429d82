using Microsoft.EntityFrameworkCore;

namespace Smtpy.Core.Storage;

/// <summary>Makes contexts. Nothing of EF is touched before the first one: the mail path starts without it.</summary>
internal sealed class SmtpyContextFactory(IDatabase database, RoutingChanges changes) : IDbContextFactory<SmtpyContext>
{
    public SmtpyContext CreateDbContext() => database.CreateContext(changes);
}

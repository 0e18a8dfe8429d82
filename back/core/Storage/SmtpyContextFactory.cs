using Microsoft.EntityFrameworkCore;

namespace Smtpy.Core.Storage;

/// <summary>Makes contexts. Nothing of EF is touched before the first one: the mail path starts without it.</summary>
internal sealed class SmtpyContextFactory(IDatabase database, RoutingChanges changes) : IDbContextFactory<SmtpyContext>
{
    private readonly Lazy<DbContextOptions<SmtpyContext>> _options = new(() =>
    {
        var builder = new DbContextOptionsBuilder<SmtpyContext>();
        database.Configure(builder);
        return builder.Options;
    });

    public SmtpyContext CreateDbContext() => new(_options.Value, changes);
}

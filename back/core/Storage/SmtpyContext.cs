using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Domains;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Storage;

/// <summary>
/// The database as the use cases see it. Saving a change to anything that decides where mail goes raises the routing version
/// in the same transaction, which is how every process's <see cref="IAliasDirectory"/> learns of it; such rows are therefore
/// never changed with ExecuteUpdate or ExecuteDelete. Each database derives its own, which its migrations name.
/// </summary>
public abstract class SmtpyContext(DbContextOptions options, RoutingChanges changes) : DbContext(options)
{
    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<Domain> Domains => Set<Domain>();

    public DbSet<Alias> Aliases => Set<Alias>();

    public DbSet<Recipient> Recipients => Set<Recipient>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<Contact> Contacts => Set<Contact>();

    public DbSet<SenderRule> SenderRules => Set<SenderRule>();

    public DbSet<DomainKey> SigningKeys => Set<DomainKey>();

    public DbSet<SmtpCredential> SmtpCredentials => Set<SmtpCredential>();

    public DbSet<MessageRow> Messages => Set<MessageRow>();

    public DbSet<MessagePartRow> MessageParts => Set<MessagePartRow>();

    public DbSet<DeliveryRow> Deliveries => Set<DeliveryRow>();

    public DbSet<CapturedRow> CapturedMessages => Set<CapturedRow>();

    public DbSet<AttemptRow> Attempts => Set<AttemptRow>();

    public DbSet<DsnRequestRow> DsnRequests => Set<DsnRequestRow>();

    public DbSet<RefusalRow> Refusals => Set<RefusalRow>();

    public DbSet<BounceRow> Bounces => Set<BounceRow>();

    public DbSet<TlsPolicyRow> TlsPolicies => Set<TlsPolicyRow>();

    public DbSet<LeaseRow> Leases => Set<LeaseRow>();

    public DbSet<CounterRow> Counters => Set<CounterRow>();

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (!ChangesRouting())
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }

        await using var own = Database.CurrentTransaction is null ? await Database.BeginTransactionAsync(cancellationToken) : null;
        await Counters.Where(c => c.Name == CounterRow.RoutingVersion)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Value, c => c.Value + 1), cancellationToken);
        var written = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        if (own is not null)
        {
            await own.CommitAsync(cancellationToken);
        }

        await changes.AnnounceAsync(cancellationToken);
        return written;
    }

    /// <summary>Not available: all I/O of the use cases is asynchronous.</summary>
    public override int SaveChanges(bool acceptAllChangesOnSuccess) =>
        throw new NotSupportedException("Use SaveChangesAsync.");

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var accounts = new AccountModel();
        modelBuilder.ApplyConfiguration<Account>(accounts);
        modelBuilder.ApplyConfiguration<Recipient>(accounts);
        modelBuilder.ApplyConfiguration<Domain>(accounts);
        modelBuilder.ApplyConfiguration<Alias>(accounts);
        modelBuilder.ApplyConfiguration<ApiKey>(accounts);
        var correspondence = new CorrespondenceModel();
        modelBuilder.ApplyConfiguration<Contact>(correspondence);
        modelBuilder.ApplyConfiguration<SenderRule>(correspondence);
        modelBuilder.ApplyConfiguration<DomainKey>(correspondence);
        modelBuilder.ApplyConfiguration<SmtpCredential>(correspondence);
        var mail = new MailModel();
        modelBuilder.ApplyConfiguration<MessageRow>(mail);
        modelBuilder.ApplyConfiguration<MessagePartRow>(mail);
        modelBuilder.ApplyConfiguration<DeliveryRow>(mail);
        modelBuilder.ApplyConfiguration<CapturedRow>(mail);
        modelBuilder.ApplyConfiguration<AttemptRow>(mail);
        modelBuilder.ApplyConfiguration<DsnRequestRow>(mail);
        modelBuilder.ApplyConfiguration<RefusalRow>(mail);
        modelBuilder.ApplyConfiguration<BounceRow>(mail);
        modelBuilder.ApplyConfiguration<TlsPolicyRow>(mail);
        modelBuilder.ApplyConfiguration<LeaseRow>(mail);
        modelBuilder.ApplyConfiguration<CounterRow>(mail);
    }

    /// <summary>
    /// Everything but the mail tables and what is asked anew each time decides where mail goes, how, or for whom: an account's address
    /// takes postmaster's mail, a blocked contact is refused, a new key signs.
    /// </summary>
    private bool ChangesRouting() => ChangeTracker.Entries().Any(entry =>
        entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted
        && entry.Entity is not (ApiKey or SmtpCredential or MessageRow or MessagePartRow or DeliveryRow or CapturedRow or LeaseRow
            or CounterRow or AttemptRow or DsnRequestRow or RefusalRow or BounceRow or TlsPolicyRow));
}

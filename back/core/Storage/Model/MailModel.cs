using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Smtpy.Core.Storage.Model;

/// <summary>
/// Tables of the message store. The store writes them in plain SQL; here they are declared, migrated, and read by the
/// use cases. No foreign keys: parts come before their message, history outlives aliases, and every check would cost.
/// </summary>
internal sealed class MailModel : IEntityTypeConfiguration<MessageRow>, IEntityTypeConfiguration<MessagePartRow>,
    IEntityTypeConfiguration<DeliveryRow>, IEntityTypeConfiguration<CapturedRow>, IEntityTypeConfiguration<LeaseRow>,
    IEntityTypeConfiguration<CounterRow>
{
    public void Configure(EntityTypeBuilder<MessageRow> builder)
    {
        builder.ToTable("messages");
        builder.Property(m => m.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(m => m.ReceivedAt).HasColumnName("received_at");
        builder.Property(m => m.Sender).HasColumnName("sender");
        builder.Property(m => m.ClientAddress).HasColumnName("client_address");
        builder.Property(m => m.Helo).HasColumnName("helo");
        builder.Property(m => m.Protocol).HasColumnName("protocol");
        builder.Property(m => m.Size).HasColumnName("size");
        builder.Property(m => m.PartCount).HasColumnName("part_count");
    }

    public void Configure(EntityTypeBuilder<MessagePartRow> builder)
    {
        builder.ToTable("message_parts");
        builder.HasKey(p => new { p.MessageId, p.Part });
        builder.Property(p => p.MessageId).HasColumnName("message_id").ValueGeneratedNever();
        builder.Property(p => p.Part).HasColumnName("part").ValueGeneratedNever();
        builder.Property(p => p.StoredAt).HasColumnName("stored_at");
        builder.Property(p => p.Octets).HasColumnName("octets");
    }

    public void Configure(EntityTypeBuilder<DeliveryRow> builder)
    {
        builder.ToTable("deliveries");
        builder.HasKey(d => new { d.MessageId, d.Ordinal });
        builder.Property(d => d.MessageId).HasColumnName("message_id").ValueGeneratedNever();
        builder.Property(d => d.Ordinal).HasColumnName("ordinal").ValueGeneratedNever();
        builder.Property(d => d.AccountId).HasColumnName("account_id");
        builder.Property(d => d.AliasId).HasColumnName("alias_id");
        builder.Property(d => d.AliasAddress).HasColumnName("alias_address");
        builder.Property(d => d.Recipient).HasColumnName("recipient");
        builder.Property(d => d.State).HasColumnName("state");
        builder.Property(d => d.Attempts).HasColumnName("attempts");
        builder.Property(d => d.NextAttemptAt).HasColumnName("next_attempt_at");
        builder.Property(d => d.Lease).HasColumnName("lease");
        builder.Property(d => d.LastReply).HasColumnName("last_reply");
        builder.Property(d => d.RemoteHost).HasColumnName("remote_host");
        builder.Property(d => d.LastAttemptAt).HasColumnName("last_attempt_at");
        builder.Property(d => d.FinishedAt).HasColumnName("finished_at");

        // Only what waits is in the index, so it stays small however long history is kept; the lease comes first so that
        // finding what is due never walks over what is already being worked on.
        builder.HasIndex(d => new { d.Lease, d.NextAttemptAt }).HasFilter("state = 0").HasDatabaseName("ix_deliveries_queued");
        builder.HasIndex(d => d.State).HasFilter("state IN (3, 4)").HasDatabaseName("ix_deliveries_failed_held");
    }

    public void Configure(EntityTypeBuilder<CapturedRow> builder)
    {
        builder.ToTable("captured_messages");
        builder.HasKey(c => new { c.MessageId, c.Ordinal });
        builder.Property(c => c.MessageId).HasColumnName("message_id").ValueGeneratedNever();
        builder.Property(c => c.Ordinal).HasColumnName("ordinal").ValueGeneratedNever();
        builder.Property(c => c.CapturedAt).HasColumnName("captured_at");
        builder.Property(c => c.ReturnPath).HasColumnName("return_path");
        builder.Property(c => c.Head).HasColumnName("head");
        builder.HasIndex(c => c.CapturedAt).HasDatabaseName("ix_captured_messages_captured_at");
    }

    public void Configure(EntityTypeBuilder<LeaseRow> builder)
    {
        builder.ToTable("leases");
        builder.Property(l => l.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(l => l.ExpiresAt).HasColumnName("expires_at");
    }

    public void Configure(EntityTypeBuilder<CounterRow> builder)
    {
        builder.ToTable("counters");
        builder.HasKey(c => c.Name);
        builder.Property(c => c.Name).HasColumnName("name");
        builder.Property(c => c.Value).HasColumnName("value");
        builder.HasData(
            new CounterRow { Name = CounterRow.MessageId, Value = 0 },
            new CounterRow { Name = CounterRow.LeaseId, Value = 0 },
            new CounterRow { Name = CounterRow.RoutingVersion, Value = 0 },
            new CounterRow { Name = CounterRow.WriteProbe, Value = 0 });
    }
}

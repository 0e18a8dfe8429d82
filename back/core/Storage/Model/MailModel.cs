using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Storage.Model;

/// <summary>
/// Tables of the message store. The store writes them in plain SQL; here they are declared, migrated, and read by the
/// use cases. No foreign keys: parts come before their message, history outlives aliases, and every check would cost.
/// </summary>
internal sealed class MailModel : IEntityTypeConfiguration<MessageRow>, IEntityTypeConfiguration<MessagePartRow>,
    IEntityTypeConfiguration<DeliveryRow>, IEntityTypeConfiguration<CapturedRow>, IEntityTypeConfiguration<LeaseRow>,
    IEntityTypeConfiguration<CounterRow>, IEntityTypeConfiguration<AttemptRow>, IEntityTypeConfiguration<RefusalRow>,
    IEntityTypeConfiguration<BounceRow>, IEntityTypeConfiguration<TlsPolicyRow>, IEntityTypeConfiguration<DsnRequestRow>
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
        builder.Property(m => m.HeaderFrom).HasColumnName("header_from");
        builder.Property(m => m.HeaderMessageId).HasColumnName("header_message_id");
        builder.Property(m => m.Judgement).HasColumnName("judgement");
        builder.Property(m => m.Tls).HasColumnName("tls");
        builder.Property(m => m.TlsDemand).HasColumnName("tls_demand").HasDefaultValue(TlsDemand.ByPolicy);
        builder.Property(m => m.Origin).HasColumnName("origin").HasDefaultValue(MessageOrigin.Outside);
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
        builder.Property(d => d.Kind).HasColumnName("kind").HasDefaultValue(DeliveryKind.Forward);
        builder.Property(d => d.Reason).HasColumnName("reason");
        builder.Property(d => d.Tls).HasColumnName("tls");

        // Only what waits is in the index, so it stays small however long history is kept; the lease comes first so that
        // finding what is due never walks over what is already being worked on.
        builder.HasIndex(d => new { d.Lease, d.NextAttemptAt }).HasFilter("state = 0").HasDatabaseName("ix_deliveries_queued");
        builder.HasIndex(d => new { d.AccountId, d.MessageId }).HasDatabaseName("ix_deliveries_account_id");
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
        builder.Property(c => c.ReplacedOctets).HasColumnName("replaced_octets").HasDefaultValue(0L);
        builder.HasIndex(c => c.CapturedAt).HasDatabaseName("ix_captured_messages_captured_at");
    }

    public void Configure(EntityTypeBuilder<AttemptRow> builder)
    {
        builder.ToTable("attempts");
        builder.HasKey(a => new { a.MessageId, a.Ordinal, a.Number });
        builder.Property(a => a.MessageId).HasColumnName("message_id").ValueGeneratedNever();
        builder.Property(a => a.Ordinal).HasColumnName("ordinal").ValueGeneratedNever();
        builder.Property(a => a.Number).HasColumnName("number").ValueGeneratedNever();
        builder.Property(a => a.At).HasColumnName("at");
        builder.Property(a => a.Reply).HasColumnName("reply");
        builder.Property(a => a.RemoteHost).HasColumnName("remote_host");
        builder.Property(a => a.Tls).HasColumnName("tls");
    }

    public void Configure(EntityTypeBuilder<DsnRequestRow> builder)
    {
        builder.ToTable("dsn_requests");
        builder.HasKey(d => new { d.MessageId, d.Ordinal });
        builder.Property(d => d.MessageId).HasColumnName("message_id").ValueGeneratedNever();
        builder.Property(d => d.Ordinal).HasColumnName("ordinal").ValueGeneratedNever();
        builder.Property(d => d.Notify).HasColumnName("notify");
        builder.Property(d => d.OriginalRecipient).HasColumnName("original_recipient");
        builder.Property(d => d.EnvelopeId).HasColumnName("envelope_id");
        builder.Property(d => d.ReturnFull).HasColumnName("return_full");
    }

    public void Configure(EntityTypeBuilder<RefusalRow> builder)
    {
        builder.ToTable("refusals");
        builder.Property(r => r.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(r => r.At).HasColumnName("at");
        builder.Property(r => r.AccountId).HasColumnName("account_id");
        builder.Property(r => r.AliasAddress).HasColumnName("alias_address");
        builder.Property(r => r.Sender).HasColumnName("sender");
        builder.Property(r => r.HeaderFrom).HasColumnName("header_from");
        builder.Property(r => r.ClientAddress).HasColumnName("client_address");
        builder.Property(r => r.Helo).HasColumnName("helo");
        builder.Property(r => r.Reply).HasColumnName("reply");
        builder.Property(r => r.Judgement).HasColumnName("judgement");
        builder.HasIndex(r => new { r.AccountId, r.At }).HasDatabaseName("ix_refusals_account_id_at");
        builder.HasIndex(r => r.At).HasDatabaseName("ix_refusals_at");
    }

    public void Configure(EntityTypeBuilder<BounceRow> builder)
    {
        builder.ToTable("bounces");
        builder.Property(b => b.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(b => b.At).HasColumnName("at");
        builder.Property(b => b.AccountId).HasColumnName("account_id");
        builder.Property(b => b.MessageId).HasColumnName("message_id");
        builder.Property(b => b.Ordinal).HasColumnName("ordinal");
        builder.Property(b => b.ReportId).HasColumnName("report_id");
        builder.Property(b => b.Kind).HasColumnName("kind");
        builder.Property(b => b.AliasAddress).HasColumnName("alias_address");
        builder.Property(b => b.Recipient).HasColumnName("recipient");
        builder.Property(b => b.Status).HasColumnName("status");
        builder.Property(b => b.Diagnostic).HasColumnName("diagnostic");
        builder.Property(b => b.RemoteHost).HasColumnName("remote_host");
        builder.HasIndex(b => new { b.AccountId, b.At }).HasDatabaseName("ix_bounces_account_id_at");
        builder.HasIndex(b => b.MessageId).HasDatabaseName("ix_bounces_message_id");
        builder.HasIndex(b => new { b.Recipient, b.At }).HasDatabaseName("ix_bounces_recipient_at");
        builder.HasIndex(b => b.At).HasDatabaseName("ix_bounces_at");
    }

    public void Configure(EntityTypeBuilder<TlsPolicyRow> builder)
    {
        builder.ToTable("tls_policies");
        builder.HasKey(p => p.DomainName);
        builder.Property(p => p.DomainName).HasColumnName("domain_name").HasMaxLength(255);
        builder.Property(p => p.PolicyId).HasColumnName("policy_id");
        builder.Property(p => p.Policy).HasColumnName("policy");
        builder.Property(p => p.FetchedAt).HasColumnName("fetched_at");
        builder.Property(p => p.ExpiresAt).HasColumnName("expires_at");
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

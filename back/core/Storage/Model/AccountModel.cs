using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;

namespace Smtpy.Core.Storage.Model;

/// <summary>Tables of what people own. Names are spelt out: they are an interface that scripts and backups rely on.</summary>
internal sealed class AccountModel : IEntityTypeConfiguration<Account>, IEntityTypeConfiguration<Domain>,
    IEntityTypeConfiguration<Alias>, IEntityTypeConfiguration<Recipient>, IEntityTypeConfiguration<ApiKey>
{
    /// <summary>RFC 5321 section 4.5.3.1: 64 octets of local part, "@", 255 of domain.</summary>
    public const int AddressLength = 320;

    /// <summary>
    /// A recipient's address by which it is found in any case of letters, made by the database: lookups are on the path of every message,
    /// and lower() of each row would be asked for each of them.
    /// </summary>
    public const string EmailKey = "EmailKey";

    public const string EmailKeySql = "lower(email)";

    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("accounts");
        builder.Property(a => a.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(a => a.Email).HasColumnName("email").HasMaxLength(AddressLength);
        builder.Property(a => a.PasswordHash).HasColumnName("password_hash");
        builder.Property(a => a.IsAdmin).HasColumnName("is_admin");
        builder.Property(a => a.CreatedAt).HasColumnName("created_at");
        builder.HasIndex(a => a.Email).IsUnique().HasDatabaseName("ix_accounts_email");
    }

    public void Configure(EntityTypeBuilder<Domain> builder)
    {
        builder.ToTable("domains");
        builder.Property(d => d.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(d => d.AccountId).HasColumnName("account_id");
        builder.Property(d => d.Name).HasColumnName("name").HasMaxLength(255);
        builder.Property(d => d.Description).HasColumnName("description").HasDefaultValue("");
        builder.Property(d => d.FromName).HasColumnName("from_name");
        builder.Property(d => d.Active).HasColumnName("active").HasDefaultValue(true);
        builder.Property(d => d.DefaultRecipientId).HasColumnName("default_recipient_id");
        builder.Property(d => d.CatchAll).HasColumnName("catch_all");
        builder.ComplexProperty(d => d.Handling, Handling);
        builder.Property(d => d.SigningSeenAt).HasColumnName("signing_seen_at");
        builder.Property(d => d.VerifiedAt).HasColumnName("verified_at");
        builder.Property(d => d.ExchangerSeenAt).HasColumnName("exchanger_seen_at");
        builder.Property(d => d.CreatedAt).HasColumnName("created_at");
        builder.Property(d => d.UpdatedAt).HasColumnName("updated_at").HasDefaultValue(DateTimeOffset.UnixEpoch);
        builder.HasIndex(d => d.Name).IsUnique().HasDatabaseName("ix_domains_name");
        builder.HasIndex(d => d.AccountId).HasDatabaseName("ix_domains_account_id");
        builder.HasOne(d => d.Account).WithMany().HasForeignKey(d => d.AccountId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne(d => d.DefaultRecipient).WithMany().HasForeignKey(d => d.DefaultRecipientId).OnDelete(DeleteBehavior.SetNull);
        builder.HasIndex(d => d.DefaultRecipientId).HasDatabaseName("ix_domains_default_recipient_id");
        builder.HasMany(d => d.CatchAllRecipients).WithMany().UsingEntity(
            "DomainCatchAllRecipient",
            right => right.HasOne(typeof(Recipient)).WithMany().HasForeignKey("RecipientId"),
            left => left.HasOne(typeof(Domain)).WithMany().HasForeignKey("DomainId"),
            join => Join(join, "catch_all_recipients", "DomainId", "domain_id"));
    }

    public void Configure(EntityTypeBuilder<Alias> builder)
    {
        builder.ToTable("aliases");
        builder.Property(a => a.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(a => a.AccountId).HasColumnName("account_id");
        builder.Property(a => a.DomainId).HasColumnName("domain_id");
        builder.Property(a => a.LocalPart).HasColumnName("local_part").HasMaxLength(64);
        builder.Property(a => a.Address).HasColumnName("address").HasMaxLength(AddressLength);
        builder.Property(a => a.Description).HasColumnName("description");
        builder.Property(a => a.Enabled).HasColumnName("enabled");
        builder.Property(a => a.DisabledBehaviour).HasColumnName("disabled_behaviour");
        builder.Property(a => a.CreatedAt).HasColumnName("created_at");
        builder.Property(a => a.FromName).HasColumnName("from_name");
        builder.Property(a => a.Pinned).HasColumnName("pinned").HasDefaultValue(false);
        builder.ComplexProperty(a => a.Handling, Handling);
        builder.Property(a => a.KnownSendersOnly).HasColumnName("known_senders_only").HasDefaultValue(false);
        builder.Property(a => a.SubjectTemplate).HasColumnName("subject_template");
        builder.Property(a => a.Banner).HasColumnName("banner").HasDefaultValue(BannerPlace.Off);
        builder.Property(a => a.CleanReplies).HasColumnName("clean_replies").HasDefaultValue(true);
        builder.Property(a => a.UpdatedAt).HasColumnName("updated_at");
        builder.Property(a => a.DeletedAt).HasColumnName("deleted_at");
        builder.HasIndex(a => a.Address).IsUnique().HasDatabaseName("ix_aliases_address");
        builder.HasIndex(a => a.AccountId).HasDatabaseName("ix_aliases_account_id");
        builder.HasIndex(a => a.DomainId).HasDatabaseName("ix_aliases_domain_id");
        builder.HasOne<Account>().WithMany().HasForeignKey(a => a.AccountId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne(a => a.Domain).WithMany().HasForeignKey(a => a.DomainId).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(a => a.Recipients).WithMany().UsingEntity(
            "AliasRecipient",
            right => right.HasOne(typeof(Recipient)).WithMany().HasForeignKey("RecipientId"),
            left => left.HasOne(typeof(Alias)).WithMany().HasForeignKey("AliasId"),
            join => Join(join, "alias_recipients", "AliasId", "alias_id"));
    }

    public void Configure(EntityTypeBuilder<Recipient> builder)
    {
        builder.ToTable("recipients");
        builder.Property(r => r.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(r => r.AccountId).HasColumnName("account_id");
        builder.Property(r => r.Email).HasColumnName("email").HasMaxLength(AddressLength);
        builder.Property<string>(EmailKey).HasColumnName("email_key").HasComputedColumnSql(EmailKeySql);
        builder.Property(r => r.VerifiedAt).HasColumnName("verified_at");
        builder.Property(r => r.CreatedAt).HasColumnName("created_at");
        builder.Property(r => r.PausedAt).HasColumnName("paused_at");
        builder.Property(r => r.Encryption).HasColumnName("encryption").HasDefaultValue(EncryptionKind.None);
        builder.Property(r => r.EncryptionKey).HasColumnName("encryption_key");
        builder.Property(r => r.EncryptionFingerprint).HasColumnName("encryption_fingerprint");
        builder.Property(r => r.EncryptionExpiresAt).HasColumnName("encryption_expires_at");
        builder.Property(r => r.ProtectSubject).HasColumnName("protect_subject").HasDefaultValue(false);
        builder.HasIndex(r => new { r.AccountId, r.Email }).IsUnique().HasDatabaseName("ix_recipients_account_id_email");
        builder.HasIndex(nameof(Recipient.AccountId), EmailKey).HasDatabaseName("ix_recipients_account_id_email_key");
        builder.HasOne<Account>().WithMany().HasForeignKey(r => r.AccountId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("api_keys");
        builder.Property(k => k.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(k => k.AccountId).HasColumnName("account_id");
        builder.Property(k => k.Name).HasColumnName("name");
        builder.Property(k => k.Hash).HasColumnName("hash").HasMaxLength(64);
        builder.Property(k => k.Prefix).HasColumnName("prefix").HasMaxLength(16);
        builder.Property(k => k.Scope).HasColumnName("scope");
        builder.Property(k => k.CreatedAt).HasColumnName("created_at");
        builder.Property(k => k.LastUsedAt).HasColumnName("last_used_at");
        builder.Property(k => k.ExpiresAt).HasColumnName("expires_at");
        builder.HasIndex(k => k.Hash).IsUnique().HasDatabaseName("ix_api_keys_hash");
        builder.HasIndex(k => k.AccountId).HasDatabaseName("ix_api_keys_account_id");
        builder.HasOne(k => k.Account).WithMany().HasForeignKey(k => k.AccountId).OnDelete(DeleteBehavior.Cascade);
    }

    private static void Handling(ComplexPropertyBuilder<MailHandling> builder)
    {
        builder.Property(h => h.Mode).HasColumnName("mode");
        builder.Property(h => h.FromFormat).HasColumnName("from_format");
        builder.Property(h => h.OnDmarcFail).HasColumnName("on_dmarc_fail");
        builder.Property(h => h.OnSpfFail).HasColumnName("on_spf_fail");
        builder.Property(h => h.Unsubscribe).HasColumnName("unsubscribe");
    }

    private static void Join(EntityTypeBuilder join, string table, string ownerKey, string ownerColumn)
    {
        join.ToTable(table);
        join.Property<Guid>(ownerKey).HasColumnName(ownerColumn);
        join.Property<Guid>("RecipientId").HasColumnName("recipient_id");
        join.HasKey(ownerKey, "RecipientId");
        join.HasIndex("RecipientId").HasDatabaseName($"ix_{table}_recipient_id");
    }
}

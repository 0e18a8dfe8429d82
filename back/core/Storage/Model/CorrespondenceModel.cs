using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Domains;
using Smtpy.Core.Rules;

namespace Smtpy.Core.Storage.Model;

/// <summary>Tables of what stands between aliases and the people they write to.</summary>
internal sealed class CorrespondenceModel : IEntityTypeConfiguration<Contact>, IEntityTypeConfiguration<SenderRule>,
    IEntityTypeConfiguration<DomainKey>, IEntityTypeConfiguration<SmtpCredential>
{
    /// <summary>The message store inserts contacts with the message that brought them, in plain SQL.</summary>
    public void Configure(EntityTypeBuilder<Contact> builder)
    {
        builder.ToTable("contacts");
        builder.Property(c => c.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(c => c.AccountId).HasColumnName("account_id");
        builder.Property(c => c.AliasAddress).HasColumnName("alias_address").HasMaxLength(AccountModel.AddressLength);
        builder.Property(c => c.Address).HasColumnName("address").HasMaxLength(AccountModel.AddressLength);
        builder.Property(c => c.DisplayName).HasColumnName("display_name");
        builder.Property(c => c.ReverseAddress).HasColumnName("reverse_address").HasMaxLength(AccountModel.AddressLength);
        builder.Property(c => c.Blocked).HasColumnName("blocked");
        builder.Property(c => c.CreatedAt).HasColumnName("created_at");
        builder.HasIndex(c => new { c.AliasAddress, c.Address }).IsUnique().HasDatabaseName("ix_contacts_alias_address_address");
        builder.HasIndex(c => c.ReverseAddress).IsUnique().HasDatabaseName("ix_contacts_reverse_address");
        builder.HasIndex(c => c.AccountId).HasDatabaseName("ix_contacts_account_id");
        builder.HasOne<Account>().WithMany().HasForeignKey(c => c.AccountId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<SenderRule> builder)
    {
        builder.ToTable("sender_rules");
        builder.Property(r => r.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(r => r.AccountId).HasColumnName("account_id");
        builder.Property(r => r.DomainId).HasColumnName("domain_id");
        builder.Property(r => r.AliasId).HasColumnName("alias_id");
        builder.Property(r => r.Sender).HasColumnName("sender").HasMaxLength(AccountModel.AddressLength);
        builder.Property(r => r.Verdict).HasColumnName("verdict");
        builder.Property(r => r.CreatedAt).HasColumnName("created_at");
        builder.HasIndex(r => new { r.AccountId, r.Sender }).HasDatabaseName("ix_sender_rules_account_id_sender");
        builder.HasIndex(r => r.DomainId).HasDatabaseName("ix_sender_rules_domain_id");
        builder.HasIndex(r => r.AliasId).HasDatabaseName("ix_sender_rules_alias_id");
        builder.HasOne<Account>().WithMany().HasForeignKey(r => r.AccountId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Domain>().WithMany().HasForeignKey(r => r.DomainId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Alias>().WithMany().HasForeignKey(r => r.AliasId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<DomainKey> builder)
    {
        builder.ToTable("signing_keys");
        builder.Property(k => k.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(k => k.DomainName).HasColumnName("domain_name").HasMaxLength(255);
        builder.Property(k => k.Selector).HasColumnName("selector").HasMaxLength(63);
        builder.Property(k => k.Algorithm).HasColumnName("algorithm");
        builder.Property(k => k.PublicKey).HasColumnName("public_key");
        builder.Property(k => k.SealedPrivateKey).HasColumnName("sealed_private_key");
        builder.Property(k => k.CreatedAt).HasColumnName("created_at");
        builder.Property(k => k.ActiveFrom).HasColumnName("active_from");
        builder.Property(k => k.RetiredAt).HasColumnName("retired_at");
        builder.HasIndex(k => new { k.DomainName, k.Selector }).IsUnique().HasDatabaseName("ix_signing_keys_domain_name_selector");
    }

    public void Configure(EntityTypeBuilder<SmtpCredential> builder)
    {
        builder.ToTable("smtp_credentials");
        builder.Property(c => c.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(c => c.AccountId).HasColumnName("account_id");
        builder.Property(c => c.AliasId).HasColumnName("alias_id");
        builder.Property(c => c.UserName).HasColumnName("user_name").HasMaxLength(AccountModel.AddressLength);
        builder.Property(c => c.Salt).HasColumnName("salt");
        builder.Property(c => c.Iterations).HasColumnName("iterations");
        builder.Property(c => c.StoredKey).HasColumnName("stored_key");
        builder.Property(c => c.ServerKey).HasColumnName("server_key");
        builder.Property(c => c.CreatedAt).HasColumnName("created_at");
        builder.Property(c => c.LastUsedAt).HasColumnName("last_used_at");
        builder.HasIndex(c => c.UserName).IsUnique().HasDatabaseName("ix_smtp_credentials_user_name");
        builder.HasIndex(c => c.AccountId).HasDatabaseName("ix_smtp_credentials_account_id");
        builder.HasIndex(c => c.AliasId).HasDatabaseName("ix_smtp_credentials_alias_id");
        builder.HasOne<Account>().WithMany().HasForeignKey(c => c.AccountId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Alias>().WithMany().HasForeignKey(c => c.AliasId).OnDelete(DeleteBehavior.Cascade);
    }
}

using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;

namespace Smtpy.Core.Aliases.Export;

/// <summary>What an account owns. Nothing of it lets anybody in: no passwords, no keys of the API, no private keys.</summary>
public sealed record ExportedAccount(
    string Email, bool IsAdmin, DateTimeOffset CreatedAt, IReadOnlyList<ExportedDomain> Domains, IReadOnlyList<ExportedRecipient> Recipients,
    IReadOnlyList<ExportedAlias> Aliases, IReadOnlyList<ExportedContact> Contacts, IReadOnlyList<ExportedRule> SenderRules);

/// <param name="CatchAllRecipients">Where mail to addresses without an alias goes, where <paramref name="CatchAll"/> is on.</param>
public sealed record ExportedDomain(
    string Name, string Description, string? FromName, bool Active, bool CatchAll, IReadOnlyList<string> CatchAllRecipients,
    string? DefaultRecipient, MailHandling Handling, DateTimeOffset? VerifiedAt, DateTimeOffset CreatedAt);

/// <param name="EncryptionKey">Public key or certificate in binary form; null where there is none.</param>
public sealed record ExportedRecipient(
    string Email, DateTimeOffset? VerifiedAt, DateTimeOffset? PausedAt, EncryptionKind Encryption, string? EncryptionFingerprint,
    byte[]? EncryptionKey, bool ProtectSubject, DateTimeOffset CreatedAt);

/// <param name="DeletedAt">Set: mail to it is refused. Not part of the alias list, which would make it anew.</param>
public sealed record ExportedAlias(
    string Address, string Description, bool Enabled, DisabledBehaviour DisabledBehaviour, IReadOnlyList<string> Recipients, string? FromName,
    bool Pinned, MailHandling Handling, bool KnownSendersOnly, string? SubjectTemplate, BannerPlace Banner, bool CleanReplies,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? DeletedAt);

public sealed record ExportedContact(
    string AliasAddress, string Address, string DisplayName, string ReverseAddress, bool Blocked, DateTimeOffset CreatedAt);

/// <param name="Domain">Set: only for mail to this domain.</param>
/// <param name="Alias">Set: only for mail to this alias.</param>
public sealed record ExportedRule(string Sender, SenderVerdict Verdict, string? Domain, string? Alias, DateTimeOffset CreatedAt);

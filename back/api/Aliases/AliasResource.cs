using Smtpy.Api.Http;
using Smtpy.Core.Aliases;
using Smtpy.Core.Recipients;

namespace Smtpy.Api.Aliases;

/// <summary>An alias as addy.io shows it.</summary>
/// <param name="AliasableId">Id of its domain.</param>
/// <param name="AliasableType">addy.io's word for "belongs to a domain".</param>
/// <param name="Extension">What follows "+"; always null: an extension is not part of an alias here.</param>
/// <param name="Active">False: mail to it is dropped.</param>
/// <param name="AttachedRecipientsOnly">Always false: each verified recipient of the account may reply.</param>
/// <param name="EmailsForwarded">Not counted yet: 0, as the other three.</param>
/// <param name="Recipients">None: mail goes to the domain's default recipient.</param>
/// <param name="Mode">Ours, as all below: private or transparent; null, as for the next four: as the domain, else the instance has it.</param>
/// <param name="FromFormat">How a contact is called.</param>
/// <param name="OnDmarcFail">mark, quarantine or reject.</param>
/// <param name="OnSpfFail">mark, quarantine or reject.</param>
/// <param name="Unsubscribe">keep, disable_alias or block_sender.</param>
/// <param name="KnownSendersOnly">Mail from others than contacts and senders let through is held.</param>
/// <param name="SubjectTemplate">Null: the subject stays.</param>
/// <param name="Banner">off, top or bottom.</param>
/// <param name="CleanReplies">Whether the mailbox's address is replaced in the text of replies.</param>
public sealed record AliasResource(
    Guid Id, Guid UserId, Guid? AliasableId, string? AliasableType, string LocalPart, string? Extension, string Domain, string Email, bool Active,
    bool Pinned, string? Description, string? FromName, bool AttachedRecipientsOnly, int EmailsForwarded, int EmailsBlocked, int EmailsReplied,
    int EmailsSent, IReadOnlyList<RecipientResource> Recipients, string? LastForwarded, string? LastBlocked, string? LastReplied, string? LastSent,
    string CreatedAt, string UpdatedAt, string? DeletedAt, string? Mode, string? FromFormat, string? OnDmarcFail, string? OnSpfFail, string? Unsubscribe,
    bool KnownSendersOnly, string? SubjectTemplate, string Banner, bool CleanReplies)
{
    internal const string DomainType = @"App\Models\Domain";

    internal static AliasResource Of(Alias alias) => new(
        alias.Id, alias.AccountId, alias.DomainId, DomainType, alias.LocalPart, null, alias.Domain!.Name, alias.Address, alias.Enabled,
        alias.Pinned, alias.Description.Length == 0 ? null : alias.Description, alias.FromName, false, 0, 0, 0, 0,
        [.. alias.Recipients.OrderBy(static r => r.Email, StringComparer.Ordinal).Select(static r => RecipientResource.Of(r, null))],
        null, null, null, null, Moments.Text(alias.CreatedAt), Moments.Text(alias.UpdatedAt), Moments.Text(alias.DeletedAt),
        Words.Of(alias.Handling.Mode), Words.Of(alias.Handling.FromFormat), Words.Of(alias.Handling.OnDmarcFail), Words.Of(alias.Handling.OnSpfFail),
        Words.Of(alias.Handling.Unsubscribe), alias.KnownSendersOnly, alias.SubjectTemplate, Words.Of(alias.Banner), alias.CleanReplies);
}

/// <summary>A mailbox that aliases forward to, as addy.io shows it.</summary>
/// <param name="CanReplySend">Whether it may reply through aliases: where it is verified.</param>
/// <param name="ShouldEncrypt">Whether its mail is encrypted.</param>
/// <param name="InlineEncryption">Always false: encrypted mail is MIME.</param>
/// <param name="ProtectedHeaders">Whether the subject goes into the encrypted part.</param>
/// <param name="RemovePgpKeys">Always false, as the next.</param>
/// <param name="Fingerprint">Of its key; null where there is none.</param>
/// <param name="Aliases">Always empty; ask for the aliases of a recipient with the filter "recipient".</param>
/// <param name="AliasesCount">How many aliases forward to it; null inside an alias and where it was not asked for.</param>
/// <param name="Encryption">Ours, as all below: pgp or smime while its mail is encrypted, else none.</param>
/// <param name="KeyExpiresAt">Null: never, or no key.</param>
/// <param name="PausedAt">Set: what comes for it is held.</param>
public sealed record RecipientResource(
    Guid Id, Guid UserId, string Email, bool CanReplySend, bool ShouldEncrypt, bool InlineEncryption, bool ProtectedHeaders, bool RemovePgpKeys,
    bool RemovePgpSignatures, string? Fingerprint, string? EmailVerifiedAt, IReadOnlyList<string> Aliases, int? AliasesCount, string CreatedAt,
    string UpdatedAt, string Encryption, string? KeyExpiresAt, string? PausedAt)
{
    internal static RecipientResource Of(Recipient recipient, int? aliases) => new(
        recipient.Id, recipient.AccountId, recipient.Email, recipient.VerifiedAt is not null, recipient.Encryption is not EncryptionKind.None, false,
        recipient.ProtectSubject, false, false, recipient.EncryptionFingerprint, Moments.Text(recipient.VerifiedAt), [], aliases,
        Moments.Text(recipient.CreatedAt), Moments.Text(recipient.VerifiedAt ?? recipient.CreatedAt), Words.Of(recipient.Encryption),
        Moments.Text(recipient.EncryptionExpiresAt), Moments.Text(recipient.PausedAt));
}

using Smtpy.Api.Http;
using Smtpy.Core.Aliases;
using Smtpy.Core.Recipients;

namespace Smtpy.Api.Aliases;

/// <summary>An alias as addy.io shows it.</summary>
/// <param name="AliasableId">Id of its domain.</param>
/// <param name="AliasableType">addy.io's word for "belongs to a domain".</param>
/// <param name="Extension">What follows "+"; always null: an extension is not part of an alias here.</param>
/// <param name="Active">False: mail to it is dropped.</param>
/// <param name="AttachedRecipientsOnly">Always false: who may reply is not limited yet.</param>
/// <param name="EmailsForwarded">Not counted yet: 0, as the other three.</param>
/// <param name="Recipients">None: mail goes to the domain's default recipient.</param>
public sealed record AliasResource(
    Guid Id, Guid UserId, Guid? AliasableId, string? AliasableType, string LocalPart, string? Extension, string Domain, string Email, bool Active,
    bool Pinned, string? Description, string? FromName, bool AttachedRecipientsOnly, int EmailsForwarded, int EmailsBlocked, int EmailsReplied,
    int EmailsSent, IReadOnlyList<RecipientResource> Recipients, string? LastForwarded, string? LastBlocked, string? LastReplied, string? LastSent,
    string CreatedAt, string UpdatedAt, string? DeletedAt)
{
    internal const string DomainType = @"App\Models\Domain";

    internal static AliasResource Of(Alias alias) => new(
        alias.Id, alias.AccountId, alias.DomainId, DomainType, alias.LocalPart, null, alias.Domain!.Name, alias.Address, alias.Enabled,
        alias.Pinned, alias.Description.Length == 0 ? null : alias.Description, alias.FromName, false, 0, 0, 0, 0,
        [.. alias.Recipients.OrderBy(static r => r.Email, StringComparer.Ordinal).Select(static r => RecipientResource.Of(r, null))],
        null, null, null, null, Moments.Text(alias.CreatedAt), Moments.Text(alias.UpdatedAt), Moments.Text(alias.DeletedAt));
}

/// <summary>A mailbox that aliases forward to, as addy.io shows it. Replies and encryption do not exist yet: off.</summary>
/// <param name="Aliases">Always empty; ask for the aliases of a recipient with the filter "recipient".</param>
/// <param name="AliasesCount">How many aliases forward to it; null inside an alias and where it was not asked for.</param>
public sealed record RecipientResource(
    Guid Id, Guid UserId, string Email, bool CanReplySend, bool ShouldEncrypt, bool InlineEncryption, bool ProtectedHeaders, bool RemovePgpKeys,
    bool RemovePgpSignatures, string? Fingerprint, string? EmailVerifiedAt, IReadOnlyList<string> Aliases, int? AliasesCount, string CreatedAt,
    string UpdatedAt)
{
    internal static RecipientResource Of(Recipient recipient, int? aliases) => new(
        recipient.Id, recipient.AccountId, recipient.Email, false, false, false, false, false, false, null, Moments.Text(recipient.VerifiedAt),
        [], aliases, Moments.Text(recipient.CreatedAt), Moments.Text(recipient.VerifiedAt ?? recipient.CreatedAt));
}

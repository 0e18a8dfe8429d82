using Smtpy.Api.Aliases;
using Smtpy.Api.Http;
using Smtpy.Api.Rules;
using Smtpy.Core.Domains;
using Smtpy.Core.Domains.Records;
using Smtpy.Core.Recipients;

namespace Smtpy.Api.Domains;

/// <summary>A domain as addy.io shows it.</summary>
/// <param name="Aliases">Always empty; ask for the aliases of a domain with the filter "domain".</param>
/// <param name="DefaultRecipient">Who gets mail that nothing else says a recipient for; null: the account's own address.</param>
/// <param name="Active">False: mail to its aliases is dropped.</param>
/// <param name="CatchAll">True: addresses without an alias are forwarded too.</param>
/// <param name="AutoCreateRegex">Always null: nothing is made by itself.</param>
/// <param name="DomainVerifiedAt">Null: no mail is taken for it.</param>
/// <param name="DomainMxValidatedAt">When its MX records were last seen to name this instance.</param>
/// <param name="DomainSendingVerifiedAt">When DNS was last seen to carry the key that signs; null: mail leaves in the instance's name.</param>
/// <param name="Mode">Ours, as the next four; null: as the instance has it. An alias's own comes first. private or transparent.</param>
/// <param name="FromFormat">How a contact is called.</param>
/// <param name="OnDmarcFail">mark, quarantine or reject.</param>
/// <param name="OnSpfFail">mark, quarantine or reject.</param>
/// <param name="Unsubscribe">keep, disable_alias or block_sender.</param>
public sealed record DomainResource(
    Guid Id, Guid UserId, string Domain, string? Description, string? FromName, IReadOnlyList<string> Aliases, int AliasesCount,
    RecipientResource? DefaultRecipient, bool Active, bool CatchAll, string? AutoCreateRegex, string? DomainVerifiedAt, string? DomainMxValidatedAt,
    string? DomainSendingVerifiedAt, string CreatedAt, string UpdatedAt, string? Mode, string? FromFormat, string? OnDmarcFail, string? OnSpfFail,
    string? Unsubscribe)
{
    internal static DomainResource Of(OwnedDomain owned) => Of(owned.Domain, owned.DefaultRecipient, owned.Aliases);

    internal static DomainResource Of(Domain domain, Recipient? standard, int aliases) => new(
        domain.Id, domain.AccountId, domain.Name, domain.Description.Length == 0 ? null : domain.Description, domain.FromName, [], aliases,
        standard is null ? null : RecipientResource.Of(standard, null), domain.Active, domain.CatchAll, null, Moments.Text(domain.VerifiedAt),
        Moments.Text(domain.ExchangerSeenAt), Moments.Text(domain.SigningSeenAt), Moments.Text(domain.CreatedAt), Moments.Text(domain.UpdatedAt),
        Words.Of(domain.Handling.Mode), Words.Of(domain.Handling.FromFormat), Words.Of(domain.Handling.OnDmarcFail),
        Words.Of(domain.Handling.OnSpfFail), Words.Of(domain.Handling.Unsubscribe));
}

/// <param name="Domain">A name such as example.org.</param>
public sealed record NewDomainBody(string? Domain);

/// <summary>What is to change; what is absent stays, null clears.</summary>
public sealed record DomainEditBody : HandlingBody
{
    /// <summary>200 characters at most.</summary>
    public string? Description { get; set => (field, DescriptionIsGiven) = (value, true); }

    /// <summary>50 characters at most.</summary>
    public string? FromName { get; set => (field, FromNameIsGiven) = (value, true); }

    internal bool DescriptionIsGiven { get; private set; }

    internal bool FromNameIsGiven { get; private set; }
}

/// <param name="DefaultRecipient">Id of a verified recipient; null or empty: the account's own address.</param>
public sealed record DefaultRecipientBody(string? DefaultRecipient);

/// <summary>What DNS says of a domain.</summary>
/// <param name="Success">True where the domain is verified.</param>
/// <param name="Message">What is missing, for a person; or that nothing is.</param>
/// <param name="Data">The domain after the check.</param>
/// <param name="Records">The records it needs or should have, and what DNS says of each.</param>
public sealed record DomainCheckAnswer(bool Success, string Message, DomainResource Data, IReadOnlyList<DomainRecordResource> Records);

/// <param name="Name">Owner of the record, without a dot at the end.</param>
/// <param name="Type">MX or TXT.</param>
/// <param name="Value">What to publish.</param>
/// <param name="Required">False: mail works without, and is trusted less.</param>
/// <param name="State">ok, missing, wrong, or unknown: DNS did not answer.</param>
/// <param name="Found">What DNS carries there.</param>
/// <param name="Note">What is wrong, for a person; empty when nothing is.</param>
public sealed record DomainRecordResource(
    string Name, string Type, string Value, bool Required, string State, IReadOnlyList<string> Found, string Note)
{
    internal static DomainRecordResource Of(RecordFinding finding) => new(
        finding.Record.Name, finding.Record.Type, finding.Record.Value, finding.Record.IsRequired, finding.Verdict.ToString().ToLowerInvariant(),
        finding.Found, finding.Note);
}

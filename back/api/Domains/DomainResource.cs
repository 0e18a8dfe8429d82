using Smtpy.Api.Aliases;
using Smtpy.Api.Http;
using Smtpy.Core.Domains;
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
/// <param name="DomainSendingVerifiedAt">Always null: nothing is sent from it yet.</param>
public sealed record DomainResource(
    Guid Id, Guid UserId, string Domain, string? Description, string? FromName, IReadOnlyList<string> Aliases, int AliasesCount,
    RecipientResource? DefaultRecipient, bool Active, bool CatchAll, string? AutoCreateRegex, string? DomainVerifiedAt, string? DomainMxValidatedAt,
    string? DomainSendingVerifiedAt, string CreatedAt, string UpdatedAt)
{
    internal static DomainResource Of(OwnedDomain owned) => Of(owned.Domain, owned.DefaultRecipient, owned.Aliases);

    internal static DomainResource Of(Domain domain, Recipient? standard, int aliases) => new(
        domain.Id, domain.AccountId, domain.Name, domain.Description.Length == 0 ? null : domain.Description, domain.FromName, [], aliases,
        standard is null ? null : RecipientResource.Of(standard, null), domain.Active, domain.CatchAll, null, Moments.Text(domain.VerifiedAt),
        Moments.Text(domain.ExchangerSeenAt), null, Moments.Text(domain.CreatedAt), Moments.Text(domain.UpdatedAt));
}

/// <param name="Domain">A name such as example.org.</param>
public sealed record NewDomainBody(string? Domain);

/// <summary>What is to change; what is absent stays, null clears.</summary>
public sealed record DomainEditBody
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
public sealed record DomainCheckAnswer(bool Success, string Message, DomainResource Data);

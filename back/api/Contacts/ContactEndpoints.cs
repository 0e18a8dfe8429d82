using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;

namespace Smtpy.Api.Contacts;

/// <summary>/api/v1/contacts: whom aliases correspond with. Not in addy.io's API.</summary>
internal static class ContactEndpoints
{
    private const string Tag = "Contacts";

    public static void Map(IEndpointRouteBuilder api)
    {
        var contacts = api.MapGroup("/contacts").WithTags(Tag);
        contacts.MapGet("", ListAsync).WithSummary("List contacts, newest first").Answers<Paged<ContactResource>>().Wrong422()
            .AddOpenApiOperationTransformer(ContactListParameters.DescribeAsync);
        contacts.MapPost("", CreateAsync).WithSummary("Make somebody a contact before they have written: mail to the reverse address reaches them")
            .WithDescription("201 for a new contact; 200 for one that the alias has already, which is not changed.")
            .Answers<Enveloped<ContactResource>>(StatusCodes.Status201Created).Answers<Enveloped<ContactResource>>().Unknown404().Wrong422();
        contacts.MapGet("/{id:guid}", FindAsync).WithSummary("Show a contact").Answers<Enveloped<ContactResource>>().Unknown404();
        contacts.MapPost("/{id:guid}/renew", RenewAsync).WithSummary("Give a contact another reverse address; the old one is refused")
            .Answers<Enveloped<ContactResource>>().Unknown404();
        contacts.MapDelete("/{id:guid}", DeleteAsync).WithSummary("Forget a contact: mail to the reverse address is refused").Done204().Unknown404();
        api.MapSwitch<SetContactBlocked, Contact, ContactResource>(
            "/blocked-contacts", Tag, ("Refuse mail from a contact to its alias", "Take mail from a contact again"),
            static (use, account, id, on, cancellationToken) => use.RunAsync(new ContactSelector(account, id), on, cancellationToken), ContactResource.Of);
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, ClaimsPrincipal user, ListContacts list, ApiOptions options, CancellationToken cancellationToken)
    {
        var read = new QueryReader(request.Query);
        var alias = read.Word("filter[alias]");
        Guid? aliasId = Guid.TryParse(alias, out var id) ? id : null;
        var query = new ContactQuery(aliasId, aliasId is null ? alias : null, read.Bool("filter[blocked]"), read.Page, read.PageSize);
        return read.Problem is { } wrong
            ? wrong.ToResult()
            : Results.Ok(PageResource.Make(
                request, options.PublicUrl, await list.RunAsync(user.AccountId(), query, cancellationToken), ContactResource.Of));
    }

    private static async Task<IResult> CreateAsync(NewContactBody? body, ClaimsPrincipal user, CreateContact create, CancellationToken cancellationToken)
    {
        if (body?.AliasId is not { } alias)
        {
            return Problem.Invalid("The alias id field is required.", "alias_id").ToResult();
        }

        var made = await create.RunAsync(new AliasSelector(user.AccountId(), alias), body.Contact, cancellationToken);
        if (!made.Succeeded)
        {
            return made.Problem.ToResult();
        }

        var answer = new Enveloped<ContactResource>(ContactResource.Of(made.Value.Contact));
        return made.Value.Existed ? Results.Ok(answer) : Results.Created($"/api/v1/contacts/{answer.Data.Id}", answer);
    }

    private static async Task<IResult> FindAsync(Guid id, ClaimsPrincipal user, ListContacts list, CancellationToken cancellationToken) =>
        Show(await list.FindAsync(new ContactSelector(user.AccountId(), id), cancellationToken));

    private static async Task<IResult> RenewAsync(Guid id, ClaimsPrincipal user, RenewReverseAddress renew, CancellationToken cancellationToken) =>
        Show(await renew.RunAsync(new ContactSelector(user.AccountId(), id), cancellationToken));

    private static async Task<IResult> DeleteAsync(Guid id, ClaimsPrincipal user, DeleteContact delete, CancellationToken cancellationToken)
    {
        var deleted = await delete.RunAsync(new ContactSelector(user.AccountId(), id), cancellationToken);
        return deleted.Succeeded ? Results.NoContent() : deleted.Problem.ToResult();
    }

    private static IResult Show(Outcome<Contact> outcome) =>
        outcome.Succeeded ? Results.Ok(new Enveloped<ContactResource>(ContactResource.Of(outcome.Value))) : outcome.Problem.ToResult();
}

/// <summary>Somebody an alias corresponds with.</summary>
/// <param name="AliasEmail">The alias.</param>
/// <param name="Email">The contact's own address.</param>
/// <param name="Name">As last seen; null for none.</param>
/// <param name="ReverseAddress">Mail to it from the alias's owner reaches the contact, From the alias.</param>
/// <param name="Blocked">True: mail from the contact to the alias is refused.</param>
public sealed record ContactResource(Guid Id, string AliasEmail, string Email, string? Name, string ReverseAddress, bool Blocked, string CreatedAt)
{
    internal static ContactResource Of(Contact contact) => new(
        contact.Id, contact.AliasAddress, contact.Address, contact.DisplayName.Length == 0 ? null : contact.DisplayName, contact.ReverseAddress,
        contact.Blocked, Moments.Text(contact.CreatedAt));
}

/// <param name="Contact">An address, or a name and an address.</param>
public sealed record NewContactBody(Guid? AliasId, string? Contact);

using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Aliases;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Domains;
using Smtpy.Mail.Dns;

namespace Smtpy.Api.Domains;

/// <summary>/api/v1/domains and its switches.</summary>
internal static class DomainEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var domains = api.MapGroup("/domains").WithTags("Domains");
        domains.MapGet("", ListAsync).WithSummary("List domains, newest first").Answers<Enveloped<IReadOnlyList<DomainResource>>>();
        domains.MapPost("", AddAsync).WithSummary("Add a domain whose DNS shows the TXT record that proves ownership")
            .WithDescription("Without the record the answer is 404 and says what the record must be; nothing is kept. Add it and ask again.")
            .Answers<Enveloped<DomainResource>>(StatusCodes.Status201Created).Unknown404().Wrong422();
        domains.MapGet("/{id:guid}", FindAsync).WithSummary("Show a domain").Answers<Enveloped<DomainResource>>().Unknown404();
        domains.MapPatch("/{id:guid}", EditAsync).WithSummary("Change what a domain says about itself, and how its mail is handled").Answers<Enveloped<DomainResource>>()
            .Unknown404().Wrong422();
        domains.MapDelete("/{id:guid}", DeleteAsync).WithSummary("Remove a domain with all its aliases").Done204().Unknown404();
        domains.MapPatch("/{id:guid}/default-recipient", SetDefaultAsync)
            .WithSummary("Say who gets mail that nothing else says a recipient for").Answers<Enveloped<DomainResource>>().Unknown404().Wrong422();
        domains.MapPost("/{id:guid}/check", CheckAsync).WithSummary("Ask DNS about a domain again")
            .WithDescription("Not in addy.io's API. Verifies a domain that was not, notes whether its MX records name this instance and "
                + "whether its signing key is published, and lists the records that it should have.")
            .Answers<DomainCheckAnswer>().Unknown404();
        MapSwitch(api, "/active-domains", "Switch a domain on", "Switch a domain off: mail to its aliases is dropped", static on => new DomainEdit(Active: on));
        MapSwitch(api, "/catch-all-domains", "Forward mail to addresses without an alias too", "Refuse mail to addresses without an alias",
            static on => new DomainEdit(CatchAll: on));
    }

    private static void MapSwitch(IEndpointRouteBuilder api, string path, string on, string off, Func<bool, DomainEdit> edit)
    {
        var group = api.MapGroup(path).WithTags("Domains");
        group.MapPost("", async (IdBody? body, ClaimsPrincipal user, EditDomain use, OwnDomains own, CancellationToken cancellationToken) =>
                body?.Id is { } id
                    ? await ChangeAsync(user.AccountId(), id, edit(true), use, own, cancellationToken)
                    : AliasStateEndpoints.IdMissing("id"))
            .WithSummary(on).Answers<Enveloped<DomainResource>>().Unknown404().Wrong422();
        group.MapDelete("/{id:guid}", async (Guid id, ClaimsPrincipal user, EditDomain use, CancellationToken cancellationToken) =>
                Done(await use.RunAsync(new DomainSelector(user.AccountId(), id), edit(false), cancellationToken)))
            .WithSummary(off).Done204().Unknown404();
    }

    private static async Task<IResult> ListAsync(ClaimsPrincipal user, OwnDomains own, CancellationToken cancellationToken)
    {
        var domains = await own.ListAsync(user.AccountId(), cancellationToken);
        return Results.Ok(new Enveloped<IReadOnlyList<DomainResource>>([.. domains.Select(DomainResource.Of)]));
    }

    private static async Task<IResult> AddAsync(NewDomainBody? body, ClaimsPrincipal user, ClaimDomain claim, CancellationToken cancellationToken)
    {
        var added = await claim.RunAsync(user.AccountId(), body?.Domain, cancellationToken);
        return added.Succeeded
            ? Results.Created($"/api/v1/domains/{added.Value.Id}", new Enveloped<DomainResource>(DomainResource.Of(added.Value, null, 0)))
            : added.Problem.ToResult();
    }

    private static async Task<IResult> FindAsync(Guid id, ClaimsPrincipal user, OwnDomains own, CancellationToken cancellationToken)
    {
        var found = await own.FindAsync(user.AccountId(), id, cancellationToken);
        return found.Succeeded ? Results.Ok(new Enveloped<DomainResource>(DomainResource.Of(found.Value))) : found.Problem.ToResult();
    }

    private static Task<IResult> EditAsync(
        Guid id, DomainEditBody? body, ClaimsPrincipal user, EditDomain edit, OwnDomains own, CancellationToken cancellationToken)
    {
        body ??= new DomainEditBody();
        var handling = body.Read();
        if (!handling.Succeeded)
        {
            return Task.FromResult(handling.Problem.ToResult());
        }

        var wanted = new DomainEdit(body.DescriptionIsGiven ? body.Description ?? "" : null, body.FromNameIsGiven ? body.FromName ?? "" : null)
        {
            Handling = handling.Value,
        };
        return ChangeAsync(user.AccountId(), id, wanted, edit, own, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(Guid id, ClaimsPrincipal user, DeleteDomain delete, CancellationToken cancellationToken) =>
        Done(await delete.RunAsync(new DomainSelector(user.AccountId(), id), cancellationToken));

    private static Task<IResult> SetDefaultAsync(
        Guid id, DefaultRecipientBody? body, ClaimsPrincipal user, EditDomain edit, OwnDomains own, CancellationToken cancellationToken)
    {
        var text = body?.DefaultRecipient;
        var recipient = Guid.Empty;
        return !string.IsNullOrEmpty(text) && !Guid.TryParse(text, out recipient)
            ? Task.FromResult(Problem.Invalid("The default recipient must be a UUID.", "default_recipient").ToResult())
            : ChangeAsync(user.AccountId(), id, new DomainEdit(DefaultRecipient: recipient), edit, own, cancellationToken);
    }

    private static async Task<IResult> CheckAsync(
        Guid id, ClaimsPrincipal user, CheckDomain check, OwnDomains own, CancellationToken cancellationToken)
    {
        var outcome = await check.RunAsync(new DomainSelector(user.AccountId(), id), cancellationToken);
        if (!outcome.Succeeded)
        {
            return outcome.Problem.ToResult();
        }

        var found = await own.FindAsync(user.AccountId(), id, cancellationToken);
        return found.Succeeded
            ? Results.Ok(new DomainCheckAnswer(found.Value.Domain.VerifiedAt is not null, Words(outcome.Value), DomainResource.Of(found.Value),
                [.. outcome.Value.Findings.Select(DomainRecordResource.Of)]))
            : found.Problem.ToResult();
    }

    private static string Words(DomainCheck check) => check switch
    {
        { Domain.VerifiedAt: null, Proof: DnsStatus.TemporaryFailure } => "The domain's DNS does not answer; try again later.",
        { Domain.VerifiedAt: null } => $"Verification record not found. Please add the following TXT record to your domain: {check.Record}",
        { Domain.ExchangerSeenAt: null } => "The domain is verified, but its MX records do not name this server.",
        { Domain.SigningSeenAt: null } => "The domain is verified and its mail comes here, but its signing key is not published; mail leaves in this server's name.",
        _ => "The domain is verified, its mail comes here, and what it signs can be verified.",
    };

    private static async Task<IResult> ChangeAsync(
        Guid accountId, Guid id, DomainEdit edit, EditDomain use, OwnDomains own, CancellationToken cancellationToken)
    {
        var changed = await use.RunAsync(new DomainSelector(accountId, id), edit, cancellationToken);
        if (!changed.Succeeded)
        {
            return changed.Problem.ToResult();
        }

        var found = await own.FindAsync(accountId, id, cancellationToken);
        return found.Succeeded ? Results.Ok(new Enveloped<DomainResource>(DomainResource.Of(found.Value))) : found.Problem.ToResult();
    }

    private static IResult Done(Outcome<Domain> outcome) => outcome.Succeeded ? Results.NoContent() : outcome.Problem.ToResult();
}

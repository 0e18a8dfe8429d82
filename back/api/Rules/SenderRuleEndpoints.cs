using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Rules;

namespace Smtpy.Api.Rules;

/// <summary>/api/v1/sender-rules: senders that are blocked or let through. Not in addy.io's API, which has the blocklist.</summary>
internal static class SenderRuleEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var rules = api.MapGroup("/sender-rules").WithTags("Sender rules");
        rules.MapGet("", ListAsync).WithSummary("List senders that are blocked or let through").Answers<Paged<SenderRuleResource>>().Wrong422()
            .AddOpenApiOperationTransformer(PageParameters.DescribeAsync);
        rules.MapPost("", SetAsync).WithSummary("Block a sender or let one through: for the account, a domain or an alias; the narrowest rule decides")
            .WithDescription("There is one rule for each sender and scope: another verdict replaces the one before.")
            .Answers<Enveloped<SenderRuleResource>>(StatusCodes.Status201Created).Unknown404().Wrong422();
        rules.MapDelete("/{id:guid}", DeleteAsync).WithSummary("Take a rule back").Done204().Unknown404();
    }

    internal static async Task<IResult> DeleteAsync(Guid id, ClaimsPrincipal user, DeleteSenderRule delete, CancellationToken cancellationToken)
    {
        var deleted = await delete.RunAsync(user.AccountId(), id, cancellationToken);
        return deleted.Succeeded ? Results.NoContent() : deleted.Problem.ToResult();
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, ClaimsPrincipal user, ListSenderRules list, ApiOptions options, CancellationToken cancellationToken)
    {
        var read = new QueryReader(request.Query);
        var query = new SenderRuleQuery(Page: read.Page, PageSize: read.PageSize);
        return read.Problem is { } wrong
            ? wrong.ToResult()
            : Results.Ok(PageResource.Make(
                request, options.PublicUrl, await list.RunAsync(user.AccountId(), query, cancellationToken), static r => SenderRuleResource.Of(r.Rule)));
    }

    private static async Task<IResult> SetAsync(SenderRuleBody? body, ClaimsPrincipal user, SetSenderRule set, CancellationToken cancellationToken)
    {
        if (body?.Verdict is not (SenderRuleResource.Block or SenderRuleResource.Allow))
        {
            return Problem.Invalid("The verdict must be one of: block, allow.", "verdict").ToResult();
        }

        if (body is { AliasId: not null, DomainId: not null })
        {
            return Problem.Invalid("A rule is for a domain or for an alias, not for both.", "alias_id").ToResult();
        }

        var account = user.AccountId();
        var scope = body.AliasId is { } alias ? SenderRuleScope.Alias(new AliasSelector(account, alias))
            : body.DomainId is { } domain ? SenderRuleScope.Domain(new DomainSelector(account, domain))
            : SenderRuleScope.Account(account);
        var verdict = body.Verdict == SenderRuleResource.Block ? SenderVerdict.Block : SenderVerdict.LetThrough;
        var rule = await set.RunAsync(scope, body.Sender, verdict, cancellationToken);
        return rule.Succeeded
            ? Results.Created((string?)null, new Enveloped<SenderRuleResource>(SenderRuleResource.Of(rule.Value)))
            : rule.Problem.ToResult();
    }
}

/// <param name="Sender">An address, or "@" and a domain, which means its subdomains too.</param>
/// <param name="Verdict">block or allow.</param>
/// <param name="DomainId">Set: only for mail to this domain's aliases.</param>
/// <param name="AliasId">Set: only for mail to this alias.</param>
public sealed record SenderRuleResource(Guid Id, string Sender, string Verdict, Guid? DomainId, Guid? AliasId, string CreatedAt)
{
    internal const string Block = "block";
    internal const string Allow = "allow";

    internal static SenderRuleResource Of(SenderRule rule) => new(
        rule.Id, rule.Sender, rule.Verdict is SenderVerdict.Block ? Block : Allow, rule.DomainId, rule.AliasId, Moments.Text(rule.CreatedAt));
}

/// <param name="Sender">An address, or "@" and a domain.</param>
/// <param name="Verdict">block or allow.</param>
/// <param name="DomainId">Only for mail to this domain's aliases.</param>
/// <param name="AliasId">Only for mail to this alias.</param>
public sealed record SenderRuleBody(string? Sender, string? Verdict, Guid? DomainId, Guid? AliasId);

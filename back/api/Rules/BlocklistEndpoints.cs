using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Rules;

namespace Smtpy.Api.Rules;

/// <summary>/api/v1/blocklist: addy.io's view of the sender rules that block for the whole account.</summary>
internal static class BlocklistEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var list = api.MapGroup("/blocklist").WithTags("Sender rules");
        list.MapGet("", ListAsync).WithSummary("List addresses and domains that are blocked for the whole account")
            .Answers<Paged<BlocklistResource>>().Wrong422().AddOpenApiOperationTransformer(PageParameters.DescribeAsync);
        list.MapPost("", AddAsync).WithSummary("Block an address or a domain").Answers<Enveloped<BlocklistResource>>(StatusCodes.Status201Created).Wrong422();
        list.MapDelete("/{id:guid}", SenderRuleEndpoints.DeleteAsync).WithSummary("Block it no more").Done204().Unknown404();
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, ClaimsPrincipal user, ListSenderRules list, ApiOptions options, CancellationToken cancellationToken)
    {
        var read = new QueryReader(request.Query);
        var query = new SenderRuleQuery(SenderVerdict.Block, WholeAccountOnly: true, read.Page, read.PageSize);
        return read.Problem is { } wrong
            ? wrong.ToResult()
            : Results.Ok(PageResource.Make(
                request, options.PublicUrl, await list.RunAsync(user.AccountId(), query, cancellationToken), static r => BlocklistResource.Of(r.Rule)));
    }

    private static async Task<IResult> AddAsync(BlocklistBody? body, ClaimsPrincipal user, SetSenderRule set, CancellationToken cancellationToken)
    {
        if (body?.Type is not (BlocklistResource.Email or BlocklistResource.Domain))
        {
            return Problem.Invalid("The type must be one of: email, domain.", "type").ToResult();
        }

        var sender = body.Type == BlocklistResource.Domain ? "@" + body.Value : body.Value;
        var wrong = body.Type == BlocklistResource.Email && sender is ['@', ..]
            ? Problem.Invalid("The value must be an e-mail address.", "value")
            : null;
        var rule = wrong is null
            ? await set.RunAsync(SenderRuleScope.Account(user.AccountId()), sender, SenderVerdict.Block, cancellationToken)
            : wrong;
        return rule.Succeeded
            ? Results.Created((string?)null, new Enveloped<BlocklistResource>(BlocklistResource.Of(rule.Value)))
            : (rule.Problem.Field is null ? rule.Problem : rule.Problem with { Field = "value" }).ToResult();
    }
}

/// <summary>A blocked sender as addy.io shows it.</summary>
/// <param name="Type">email or domain.</param>
public sealed record BlocklistResource(Guid Id, Guid UserId, string Type, string Value, string CreatedAt, string UpdatedAt)
{
    internal const string Email = "email";
    internal const string Domain = "domain";

    internal static BlocklistResource Of(SenderRule rule)
    {
        var isDomain = rule.Sender.StartsWith('@');
        var at = Moments.Text(rule.CreatedAt);
        return new BlocklistResource(rule.Id, rule.AccountId, isDomain ? Domain : Email, isDomain ? rule.Sender[1..] : rule.Sender, at, at);
    }
}

/// <param name="Type">email or domain.</param>
/// <param name="Value">The address or the domain.</param>
public sealed record BlocklistBody(string? Type, string? Value);

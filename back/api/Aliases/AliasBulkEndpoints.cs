using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Aliases;

namespace Smtpy.Api.Aliases;

/// <summary>/api/v1/aliases/…/bulk: the same for up to 25 aliases. Ids that are not the account's are passed over.</summary>
internal static class AliasBulkEndpoints
{
    private const int Most = 25;

    private static readonly (string Change, string Done, string Summary)[] Changes =
    [
        ("activate", "activated", "Switch several aliases on"),
        ("deactivate", "deactivated", "Switch several aliases off"),
        ("pin", "pinned", "Pin several aliases"),
        ("unpin", "unpinned", "Unpin several aliases"),
        ("delete", "deleted", "Delete several aliases"),
        ("restore", "restored", "Restore several aliases"),
        ("forget", "forgotten", "Remove several aliases for good"),
        ("recipients", "updated", "Say who gets the mail of several aliases"),
    ];

    public static void Map(IEndpointRouteBuilder api)
    {
        var bulk = api.MapGroup("/aliases").WithTags("Aliases");
        bulk.MapPost("/get/bulk", GetAsync).WithSummary("Show several aliases").Answers<DataOf<IReadOnlyList<AliasResource>>>().Unknown404().Wrong422();
        foreach (var (change, done, summary) in Changes)
        {
            bulk.MapPost($"/{change}/bulk", (BulkBody? body, ClaimsPrincipal user, AliasBulkChanges changes, CancellationToken cancellationToken) =>
                    ChangeAsync(change, done, body, user.AccountId(), changes, cancellationToken))
                .WithSummary(summary).Answers<BulkAnswer>().Unknown404().Wrong422();
        }
    }

    private static async Task<IResult> GetAsync(BulkBody? body, ClaimsPrincipal user, FindAlias find, CancellationToken cancellationToken)
    {
        if (Check(body) is { } wrong)
        {
            return wrong.ToResult();
        }

        var found = new List<AliasResource>();
        foreach (var id in body!.Ids!.Distinct())
        {
            if (await find.RunAsync(new AliasSelector(user.AccountId(), id), cancellationToken) is { Value: { } alias })
            {
                found.Add(AliasResource.Of(alias));
            }
        }

        return found.Count == 0 ? NoneFound() : Results.Ok(new DataOf<IReadOnlyList<AliasResource>>(found));
    }

    private static async Task<IResult> ChangeAsync(
        string change, string done, BulkBody? body, Guid accountId, AliasBulkChanges changes, CancellationToken cancellationToken)
    {
        if (Check(body) is { } wrong)
        {
            return wrong.ToResult();
        }

        var changed = new List<Guid>();
        foreach (var id in body!.Ids!.Distinct())
        {
            var outcome = await changes.RunAsync(change, new AliasSelector(accountId, id), body.RecipientIds ?? [], cancellationToken);
            if (outcome.Succeeded)
            {
                changed.Add(id);
            }
            else if (outcome.Problem.Kind != ProblemKind.NotFound && change == "recipients")
            {
                // The same recipients are wrong for every alias.
                return outcome.Problem.ToResult();
            }
        }

        return changed.Count == 0 ? NoneFound() : Results.Ok(new BulkAnswer($"{changed.Count} {(changed.Count == 1 ? "alias" : "aliases")} {done} successfully", changed));
    }

    private static Problem? Check(BulkBody? body) => body?.Ids switch
    {
        null or [] => Problem.Invalid("The ids field is required.", "ids"),
        { Count: > Most } => Problem.Invalid($"The ids field must not have more than {Most} items.", "ids"),
        _ => null,
    };

    private static IResult NoneFound() => Problem.NotFound("No aliases found").ToResult();
}

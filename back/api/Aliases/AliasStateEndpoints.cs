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

/// <summary>addy.io's switches: POST {id} is on, DELETE is off; and an alias's recipients.</summary>
internal static class AliasStateEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var active = api.MapGroup("/active-aliases").WithTags("Aliases");
        active.MapPost("", ActivateAsync).WithSummary("Switch an alias on").Answers<DataOf<AliasResource>>().Unknown404().Wrong422();
        active.MapDelete("/{id:guid}", DeactivateAsync).WithSummary("Switch an alias off: mail to it is dropped").Done204().Unknown404().Wrong422();
        var pinned = api.MapGroup("/pinned-aliases").WithTags("Aliases");
        pinned.MapPost("", PinAsync).WithSummary("Pin an alias: it is listed first").Answers<DataOf<AliasResource>>().Unknown404().Wrong422();
        pinned.MapDelete("/{id:guid}", UnpinAsync).WithSummary("Unpin an alias").Done204().Unknown404();
        api.MapPost("/alias-recipients", SetRecipientsAsync).WithTags("Aliases").WithSummary("Say who gets an alias's mail")
            .Answers<DataOf<AliasResource>>().Unknown404().Wrong422();
    }

    private static async Task<IResult> ActivateAsync(
        IdBody? body, ClaimsPrincipal user, SetAliasEnabled set, CancellationToken cancellationToken) => body?.Id is not { } id
        ? IdMissing("id")
        : AliasEndpoints.Show(await set.RunAsync(new AliasSelector(user.AccountId(), id), true, null, cancellationToken));

    private static async Task<IResult> DeactivateAsync(Guid id, ClaimsPrincipal user, SetAliasEnabled set, CancellationToken cancellationToken) =>
        AliasEndpoints.Done(await set.RunAsync(new AliasSelector(user.AccountId(), id), false, null, cancellationToken));

    private static async Task<IResult> PinAsync(IdBody? body, ClaimsPrincipal user, EditAlias edit, CancellationToken cancellationToken) =>
        body?.Id is not { } id
            ? IdMissing("id")
            : AliasEndpoints.Show(await edit.RunAsync(new AliasSelector(user.AccountId(), id), new AliasEdit(Pinned: true), cancellationToken));

    private static async Task<IResult> UnpinAsync(Guid id, ClaimsPrincipal user, EditAlias edit, CancellationToken cancellationToken) =>
        AliasEndpoints.Done(await edit.RunAsync(new AliasSelector(user.AccountId(), id), new AliasEdit(Pinned: false), cancellationToken));

    private static async Task<IResult> SetRecipientsAsync(
        AliasRecipientsBody? body, ClaimsPrincipal user, SetAliasRecipients set, CancellationToken cancellationToken) =>
        body?.AliasId is not { } id
            ? IdMissing("alias_id")
            : AliasEndpoints.Show(await set.RunAsync(new AliasSelector(user.AccountId(), id), body.RecipientIds ?? [], cancellationToken));

    internal static IResult IdMissing(string field) => Problem.Invalid($"The {field.Replace('_', ' ')} field is required.", field).ToResult();
}

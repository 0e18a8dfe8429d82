using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Smtpy.Api.Description;
using Smtpy.Api.Keys;
using Smtpy.Core;

namespace Smtpy.Api.Http;

/// <summary>addy.io's way of switches: POST {id} is on and shows the thing, DELETE /{id} is off.</summary>
internal static class SwitchEndpoints
{
    /// <param name="set">Account, id, on or off.</param>
    public static void MapSwitch<TUseCase, T, TResource>(
        this IEndpointRouteBuilder api, string path, string tag, (string On, string Off) words,
        Func<TUseCase, Guid, Guid, bool, CancellationToken, Task<Outcome<T>>> set, Func<T, TResource> show)
        where TUseCase : class
    {
        var group = api.MapGroup(path).WithTags(tag);
        group.MapPost("", async (IdBody? body, ClaimsPrincipal user, HttpContext context, CancellationToken cancellationToken) =>
            {
                if (body?.Id is not { } id)
                {
                    return Problem.Invalid("The id field is required.", "id").ToResult();
                }

                var outcome = await set(context.RequestServices.GetRequiredService<TUseCase>(), user.AccountId(), id, true, cancellationToken);
                return outcome.Succeeded ? Results.Ok(new Enveloped<TResource>(show(outcome.Value))) : outcome.Problem.ToResult();
            })
            .WithSummary(words.On).Answers<Enveloped<TResource>>().Unknown404().Wrong422();
        group.MapDelete("/{id:guid}", async (Guid id, ClaimsPrincipal user, HttpContext context, CancellationToken cancellationToken) =>
            {
                var outcome = await set(context.RequestServices.GetRequiredService<TUseCase>(), user.AccountId(), id, false, cancellationToken);
                return outcome.Succeeded ? Results.NoContent() : outcome.Problem.ToResult();
            })
            .WithSummary(words.Off).Done204().Unknown404();
    }
}

using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;

namespace Smtpy.Api.Submission;

/// <summary>/api/v1/smtp-credentials: passwords with which mail programs submit mail. Not in addy.io's API.</summary>
internal static class SmtpCredentialEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var credentials = api.MapGroup("/smtp-credentials").WithTags("SMTP passwords");
        credentials.MapGet("", ListAsync).WithSummary("List for whom there are SMTP passwords").Answers<Enveloped<IReadOnlyList<SmtpCredentialResource>>>();
        credentials.MapPost("", CreateAsync).WithSummary("Make an SMTP password for an alias, or for all of the account; it is shown this once")
            .WithDescription("There is one for each alias and one for the account: a new one takes the old one's place.")
            .Answers<Enveloped<NewSmtpCredentialResource>>(StatusCodes.Status201Created).Unknown404().Wrong422();
        credentials.MapDelete("/{id:guid}", RevokeAsync).WithSummary("Take an SMTP password back").Done204().Unknown404();
    }

    private static async Task<IResult> ListAsync(ClaimsPrincipal user, ListSmtpPasswords list, CancellationToken cancellationToken) =>
        Results.Ok(new Enveloped<IReadOnlyList<SmtpCredentialResource>>(
            [.. (await list.RunAsync(user.AccountId(), cancellationToken)).Select(SmtpCredentialResource.Of)]));

    private static async Task<IResult> CreateAsync(
        NewSmtpCredentialBody? body, ClaimsPrincipal user, CreateSmtpPassword create, HttpContext context, CancellationToken cancellationToken)
    {
        var made = body?.AliasId is { } alias
            ? await create.ForAliasAsync(new AliasSelector(user.AccountId(), alias), cancellationToken)
            : await create.ForAccountAsync(user.AccountId(), cancellationToken);
        if (!made.Succeeded)
        {
            return made.Problem.ToResult();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Created((string?)null, new Enveloped<NewSmtpCredentialResource>(NewSmtpCredentialResource.Of(made.Value)));
    }

    private static async Task<IResult> RevokeAsync(Guid id, ClaimsPrincipal user, RevokeSmtpPassword revoke, CancellationToken cancellationToken)
    {
        var revoked = await revoke.RunAsync(user.AccountId(), id, cancellationToken);
        return revoked.Succeeded ? Results.NoContent() : revoked.Problem.ToResult();
    }
}

/// <param name="UserName">What the mail program signs in with, in any case.</param>
/// <param name="AliasId">Set: may send as this alias only; null: as any of the account's.</param>
public sealed record SmtpCredentialResource(Guid Id, string UserName, Guid? AliasId, string CreatedAt)
{
    internal static SmtpCredentialResource Of(SmtpCredential credential) =>
        new(credential.Id, credential.UserName, credential.AliasId, Moments.Text(credential.CreatedAt));
}

/// <param name="Password">Cannot be shown again.</param>
public sealed record NewSmtpCredentialResource(Guid Id, string UserName, Guid? AliasId, string CreatedAt, string Password)
{
    internal static NewSmtpCredentialResource Of(NewSmtpPassword made) => new(
        made.Credential.Id, made.Credential.UserName, made.Credential.AliasId, Moments.Text(made.Credential.CreatedAt), made.Password);
}

/// <param name="AliasId">May send as this alias only; null or absent: as any of the account's.</param>
public sealed record NewSmtpCredentialBody(Guid? AliasId);

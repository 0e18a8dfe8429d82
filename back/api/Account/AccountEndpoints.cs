using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Aliases;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Accounts;
using Smtpy.Core.Domains;
using Smtpy.Core.Recipients;

namespace Smtpy.Api.Account;

/// <summary>What clients ask before they show anything: the version, the key, the domains and recipients to choose from.</summary>
internal static class AccountEndpoints
{
    /// <summary>
    /// The addy.io version whose contract this API follows, not SMTPy's own (that is in /health): addy.io for Android takes a server
    /// below 1.5.0 for too old.
    /// </summary>
    private static readonly VersionAnswer Contract = new("1.5.0", 1, 5, 0);

    public static void Map(IEndpointRouteBuilder api)
    {
        var account = api.MapGroup("").WithTags("Account");
        account.MapGet("/app-version", static () => Contract).WithSummary("The version of addy.io's API that this one follows");
        account.MapGet("/api-token-details", ShowKey).WithSummary("Show the key this request was made with").Answers<KeyAnswer>();
        account.MapGet("/domain-options", OptionsAsync).WithSummary("List the domains that aliases can be made on").Answers<DomainOptionsAnswer>();
        account.MapGet("/recipients", RecipientsAsync).WithSummary("List the mailboxes that aliases can forward to")
            .Answers<DataOf<IReadOnlyList<RecipientResource>>>().Wrong422().AddOpenApiOperationTransformer(RecipientListParameters.DescribeAsync);
    }

    private static IResult ShowKey(HttpContext context)
    {
        var key = context.Features.GetRequiredFeature<ApiKey>();
        return Results.Ok(new KeyAnswer(key.Name, Moments.Text(key.CreatedAt), Moments.Text(key.ExpiresAt)));
    }

    private static async Task<IResult> OptionsAsync(ClaimsPrincipal user, OwnDomains own, CancellationToken cancellationToken)
    {
        var domains = await own.ListAsync(user.AccountId(), cancellationToken);
        var names = domains.Where(static d => d.Domain is { VerifiedAt: not null, Active: true }).Select(static d => d.Domain.Name)
            .Order(StringComparer.Ordinal).ToList();
        return Results.Ok(new DomainOptionsAnswer(names, [], names.Count > 0 ? names[0] : null, "random_characters"));
    }

    private static async Task<IResult> RecipientsAsync(
        HttpRequest request, ClaimsPrincipal user, ListRecipients list, CancellationToken cancellationToken)
    {
        bool? verified = null;
        var counted = true;
        foreach (var (key, values) in request.Query)
        {
            // As in the list of aliases: what follows "]" is no part of the key.
            var name = key[..(key.LastIndexOf(']') + 1)];
            if (values.ToString() is not { Length: > 0 } text || name is not ("filter[verified]" or "filter[alias_count]"))
            {
                continue;
            }

            if (text is not ("true" or "1" or "false" or "0"))
            {
                return Problem.Invalid("It must be true or false.", name).ToResult();
            }

            var value = text is "true" or "1";
            (verified, counted) = name == "filter[verified]" ? (value, counted) : (verified, value);
        }

        var recipients = await list.RunAsync(user.AccountId(), verified, cancellationToken);
        return Results.Ok(new DataOf<IReadOnlyList<RecipientResource>>(
            [.. recipients.Select(r => RecipientResource.Of(r.Recipient, counted ? r.Aliases : null))]));
    }
}

public sealed record VersionAnswer(string Version, int Major, int Minor, int Patch);

/// <param name="ExpiresAt">Null: never.</param>
public sealed record KeyAnswer(string Name, string CreatedAt, string? ExpiresAt);

/// <param name="Data">Verified and active domains of the account.</param>
/// <param name="SharedDomains">Always empty: no domain is shared by accounts.</param>
/// <param name="DefaultAliasDomain">Null where there is no domain yet.</param>
public sealed record DomainOptionsAnswer(
    IReadOnlyList<string> Data,
    [property: System.Text.Json.Serialization.JsonPropertyName("sharedDomains")] IReadOnlyList<string> SharedDomains,
    [property: System.Text.Json.Serialization.JsonPropertyName("defaultAliasDomain")] string? DefaultAliasDomain,
    [property: System.Text.Json.Serialization.JsonPropertyName("defaultAliasFormat")] string DefaultAliasFormat);

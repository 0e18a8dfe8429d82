using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Aliases;
using Smtpy.Core.Rules;

namespace Smtpy.Api.Aliases;

/// <summary>/api/v1/aliases: the aliases themselves.</summary>
internal static class AliasEndpoints
{
    private static readonly Dictionary<string, AliasFormat> Formats = new(StringComparer.Ordinal)
    {
        ["random_characters"] = AliasFormat.RandomCharacters,
        ["uuid"] = AliasFormat.Uuid,
        ["random_words"] = AliasFormat.RandomWords,
        ["random_male_name"] = AliasFormat.RandomMaleName,
        ["random_female_name"] = AliasFormat.RandomFemaleName,
        ["random_noun"] = AliasFormat.RandomNoun,
        ["custom"] = AliasFormat.Custom,
    };

    public static void Map(IEndpointRouteBuilder api)
    {
        var aliases = api.MapGroup("/aliases").WithTags("Aliases");
        aliases.MapGet("", ListAsync).WithSummary("List aliases, page by page").Answers<Paged<AliasResource>>().Wrong422()
            .AddOpenApiOperationTransformer(AliasListParameters.DescribeAsync);
        aliases.MapPost("", CreateAsync).WithSummary("Make an alias").Answers<Enveloped<AliasResource>>(StatusCodes.Status201Created).Wrong422();
        aliases.MapGet("/{id:guid}", FindAsync).WithSummary("Show an alias, also a deleted one").Answers<Enveloped<AliasResource>>().Unknown404();
        aliases.MapPatch("/{id:guid}", EditAsync).WithSummary("Change what an alias says about itself, and how its mail is handled").Answers<Enveloped<AliasResource>>()
            .Unknown404().Wrong422();
        aliases.MapDelete("/{id:guid}", DeleteAsync).WithSummary("Delete an alias: mail is refused, it can be restored").Done204().Unknown404();
        aliases.MapPatch("/{id:guid}/restore", RestoreAsync).WithSummary("Restore a deleted alias").Answers<Enveloped<AliasResource>>().Unknown404();
        aliases.MapDelete("/{id:guid}/forget", ForgetAsync).WithSummary("Remove an alias for good: its address is free again").Done204().Unknown404();
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, ClaimsPrincipal user, SearchAliases search, ApiOptions options, CancellationToken cancellationToken)
    {
        var query = AliasListQuery.Read(request.Query);
        return query.Succeeded
            ? Results.Ok(PageResource.Make(
                request, options.PublicUrl, await search.RunAsync(user.AccountId(), query.Value, cancellationToken), AliasResource.Of))
            : query.Problem.ToResult();
    }

    private static async Task<IResult> CreateAsync(
        NewAliasBody? body, ClaimsPrincipal user, CreateAlias create, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(body?.Domain))
        {
            return Problem.Invalid("The domain field is required.", "domain").ToResult();
        }

        var format = AliasFormat.RandomCharacters;
        if (!string.IsNullOrEmpty(body.Format) && !Formats.TryGetValue(body.Format, out format))
        {
            return Problem.Invalid("The selected format is invalid.", "format").ToResult();
        }

        var made = await create.RunAsync(
            user.AccountId(), new NewAlias(body.Domain, format, body.LocalPart, body.Description, body.RecipientIds ?? []), cancellationToken);
        return made.Succeeded
            ? Results.Created($"/api/v1/aliases/{made.Value.Id}", new Enveloped<AliasResource>(AliasResource.Of(made.Value)))
            : made.Problem.ToResult();
    }

    private static async Task<IResult> FindAsync(Guid id, ClaimsPrincipal user, FindAlias find, CancellationToken cancellationToken) =>
        Show(await find.RunAsync(new AliasSelector(user.AccountId(), id), cancellationToken));

    private static async Task<IResult> EditAsync(
        Guid id, AliasEditBody? body, ClaimsPrincipal user, EditAlias edit, CancellationToken cancellationToken)
    {
        var wanted = Read(body ?? new AliasEditBody());
        return wanted.Succeeded
            ? Show(await edit.RunAsync(new AliasSelector(user.AccountId(), id), wanted.Value, cancellationToken))
            : wanted.Problem.ToResult();
    }

    private static Outcome<AliasEdit> Read(AliasEditBody body)
    {
        var handling = body.Read();
        if (!handling.Succeeded)
        {
            return handling.Problem;
        }

        BannerPlace? banner = body.Banner is { } word ? Words.Parse<BannerPlace>(word) : null;
        if (body.Banner is not null && banner is null)
        {
            return Problem.Invalid($"The banner must be one of: {string.Join(", ", Words.All<BannerPlace>())}.", "banner");
        }

        return new AliasEdit(body.DescriptionIsGiven ? body.Description ?? "" : null, body.FromNameIsGiven ? body.FromName ?? "" : null)
        {
            Handling = handling.Value,
            KnownSendersOnly = body.KnownSendersOnly,
            SubjectTemplate = body.SubjectTemplateIsGiven ? body.SubjectTemplate ?? "" : null,
            Banner = banner,
            CleanReplies = body.CleanReplies,
        };
    }

    private static async Task<IResult> DeleteAsync(Guid id, ClaimsPrincipal user, DeleteAlias delete, CancellationToken cancellationToken) =>
        Done(await delete.RunAsync(new AliasSelector(user.AccountId(), id), cancellationToken));

    private static async Task<IResult> RestoreAsync(Guid id, ClaimsPrincipal user, RestoreAlias restore, CancellationToken cancellationToken) =>
        Show(await restore.RunAsync(new AliasSelector(user.AccountId(), id), cancellationToken));

    private static async Task<IResult> ForgetAsync(Guid id, ClaimsPrincipal user, ForgetAlias forget, CancellationToken cancellationToken) =>
        Done(await forget.RunAsync(new AliasSelector(user.AccountId(), id), cancellationToken));

    internal static IResult Show(Outcome<Alias> outcome) =>
        outcome.Succeeded ? Results.Ok(new Enveloped<AliasResource>(AliasResource.Of(outcome.Value))) : outcome.Problem.ToResult();

    internal static IResult Done(Outcome<Alias> outcome) => outcome.Succeeded ? Results.NoContent() : outcome.Problem.ToResult();
}

using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>
/// Makes an alias for an account, on one of its own verified domains, for recipients that it has. (<see cref="AddAlias"/> is the
/// operator's: it vouches for recipients that are not there yet.)
/// </summary>
public sealed class CreateAlias(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    private const int LongestCustom = 50;

    /// <summary>A made-up local part may be taken; so many in a row only where nearly all are.</summary>
    private const int Draws = 10;

    public async Task<Outcome<Alias>> RunAsync(Guid accountId, NewAlias wanted, CancellationToken cancellationToken)
    {
        var wrong = TextRules.Check(wanted.Description, Alias.LongestDescription, "description") ?? CheckLocalPart(wanted);
        return wrong is not null
            ? wrong
            : await contexts.ChangeAsync<Alias>(context => AddAsync(context, accountId, wanted, cancellationToken), cancellationToken);
    }

    private static Problem? CheckLocalPart(NewAlias wanted)
    {
        const string field = "local_part";
        if (wanted.Format != AliasFormat.Custom)
        {
            return null;
        }

        return wanted.LocalPart switch
        {
            null or "" => Problem.Invalid("The local part is needed where the format is custom.", field),
            { Length: > LongestCustom } => Problem.Invalid($"The local part may not be longer than {LongestCustom} characters.", field),
            var text => AddressSyntax.TryParse(text + "@example.org", out _, out _)
                ? null
                : Problem.Invalid("The local part holds characters that an alias cannot have.", field),
        };
    }

    private async Task<Outcome<Alias>> AddAsync(SmtpyContext context, Guid accountId, NewAlias wanted, CancellationToken cancellationToken)
    {
        var name = AddressSyntax.TryDomain(wanted.Domain, out var ascii) ? ascii : null;
        var domain = await context.Domains.FirstOrDefaultAsync(
            d => d.Name == name && d.AccountId == accountId && d.VerifiedAt != null, cancellationToken);
        if (domain is null)
        {
            return Problem.Invalid("The selected domain is invalid.", "domain");
        }

        var local = await ChooseAsync(context, wanted, domain.Name, cancellationToken);
        if (local is null)
        {
            return Problem.Conflict("The local part has already been taken.", "local_part");
        }

        var found = await RecipientBook.SelectAsync(context, accountId, wanted.Recipients, cancellationToken);
        if (!found.Succeeded)
        {
            return found.Problem;
        }

        var alias = Alias.On(domain, local, wanted.Description, found.Value, time.GetUtcNow());
        context.Aliases.Add(alias);
        await context.SaveChangesAsync(cancellationToken);
        return alias;
    }

    /// <returns>A local part that is free, or null.</returns>
    private static async Task<string?> ChooseAsync(SmtpyContext context, NewAlias wanted, string domain, CancellationToken cancellationToken)
    {
        var isCustom = wanted.Format == AliasFormat.Custom;
        for (var draw = 0; draw < (isCustom ? 1 : Draws); draw++)
        {
            var local = isCustom ? wanted.LocalPart!.ToLowerInvariant() : LocalPartMaker.Make(wanted.Format);
            var address = local + "@" + domain;
            if (!await context.Aliases.AnyAsync(a => a.Address == address, cancellationToken))
            {
                return local;
            }
        }

        return null;
    }
}

/// <param name="LocalPart">Only for <see cref="AliasFormat.Custom"/>.</param>
/// <param name="Recipients">Ids; none: the domain's default recipient.</param>
public sealed record NewAlias(
    string? Domain, AliasFormat Format, string? LocalPart, string? Description, IReadOnlyCollection<Guid> Recipients);

using Smtpy.Core.Aliases;
using Smtpy.Core.Rules;
using Smtpy.Mail.Addresses;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Smtp.Rewrite;

/// <summary>Looks up how an alias wants its mail handled at the moment it leaves.</summary>
internal sealed class AliasHandlings(IAliasDirectory directory, RewriteOptions options)
{
    /// <param name="aliasAddress">As the sender wrote it; "postmaster" alone is the operator's (RFC 5321 section 4.5.1).</param>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<(AliasLookup Route, EmailAddress Alias, AliasHandling Handling)?> FindAsync(
        string aliasAddress, CancellationToken cancellationToken)
    {
        var spelt = aliasAddress.Contains('@', StringComparison.Ordinal) ? aliasAddress : $"{aliasAddress}@{options.Hostname}";
        if (!EmailAddress.TryParse(spelt, out var written))
        {
            return null;
        }

        var route = await directory.FindAsync(written.LocalPart, written.Domain, cancellationToken);
        var alias = EmailAddress.TryParse(route.Address, out var own) ? own : written;
        return (route, alias, route.Handling ?? Defaults(alias));
    }

    /// <summary>
    /// Mail that came for one account never leaves in the name of another: the domain may have changed hands while it waited. The host's own
    /// addresses are whoever's is the operator.
    /// </summary>
    /// <returns>Null where it may leave; else why not.</returns>
    public Composition? HeldFromOthers(AliasLookup route, EmailAddress alias, Guid? accountId) =>
        accountId is { } account && route.AccountId is { } owner && owner != account && alias.Domain != options.Hostname
            ? Composition.Held($"{alias.Domain} belongs to another account by now.")
            : null;

    /// <summary>Where an answer would go. Mail that came for an alias stays private when the alias is deleted before it leaves.</summary>
    public static string SendingDomain(AliasHandling handling, RewriteOptions options) =>
        handling.IsDomainReadyToSend ? handling.DomainName : options.Hostname;

    private AliasHandling Defaults(EmailAddress alias) => new(
        alias.Domain, IsDomainReadyToSend: false, FromName: null, options.Handling.Mode, options.Handling.FromFormat, options.Handling.OnDmarcFail,
        options.Handling.OnSpfFail, options.Handling.Unsubscribe, KnownSendersOnly: false, SubjectTemplate: null, BannerPlace.Off, CleanReplies: true);
}

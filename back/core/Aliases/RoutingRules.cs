using Smtpy.Core.Contacts;
using Smtpy.Core.Rules;

namespace Smtpy.Core.Aliases;

/// <summary>
/// Where mail goes, without any cache: exact alias, reverse address, alias without "+extension", catch-all; postmaster and abuse always.
/// </summary>
internal sealed class RoutingRules(RoutingQueries queries, string hostName, MailHandlingDefaults defaults)
{
    public async ValueTask<AliasLookup> FindAsync(string localPart, string domain, CancellationToken cancellationToken)
    {
        var local = localPart.ToLowerInvariant();
        if (domain.Length == 0)
        {
            return await OperatorAsync(local, cancellationToken);
        }

        if (!AddressSyntax.TryDomain(domain, out var name))
        {
            return Nowhere(AliasOutcome.ForeignDomain, local + "@" + domain);
        }

        var address = local + "@" + name;
        return await queries.DomainAsync(name, cancellationToken) is { } own
            ? await OfDomainAsync(own, local, address, cancellationToken)
            : await OfForeignAsync(name, local, address, cancellationToken);
    }

    private async ValueTask<AliasLookup> OfForeignAsync(string name, string local, string address, CancellationToken cancellationToken)
    {
        if (!string.Equals(name, hostName, StringComparison.OrdinalIgnoreCase))
        {
            return Nowhere(AliasOutcome.ForeignDomain, address);
        }

        return RoleAddresses.IsRole(local)
            ? await OperatorAsync(address, cancellationToken)
            : await ReverseAsync(local, address, cancellationToken) ?? Nowhere(AliasOutcome.ForeignDomain, address);
    }

    private async ValueTask<AliasLookup> OfDomainAsync(OwnDomain own, string local, string address, CancellationToken cancellationToken)
    {
        var exact = await queries.AliasAsync(address, cancellationToken);
        if (RoleAddresses.IsRole(local))
        {
            return exact is { Recipients.Count: > 0, Deleted: false }
                ? Forward(exact, own)
                : Resolved(new AliasLookup(AliasOutcome.Forward, address, null, own.AccountId, [own.OwnerEmail]), own, AliasOptions.OfCatchAll);
        }

        if (exact is null && await ReverseAsync(local, address, cancellationToken) is { } reverse)
        {
            return reverse;
        }

        var alias = exact ?? await WithoutExtensionAsync(local, own.Name, cancellationToken);
        var found = alias is not null ? OfAlias(alias, own) : await CatchAllAsync(own, address, cancellationToken);
        return own.Active || found.Outcome is not (AliasOutcome.Forward or AliasOutcome.Hold)
            ? found
            : found with { Outcome = AliasOutcome.Discard, Recipients = [] };
    }

    private AliasLookup OfAlias(FoundAlias alias, OwnDomain own) => alias switch
    {
        { Deleted: true } => Nowhere(AliasOutcome.Unknown, alias.Address) with { AccountId = alias.AccountId },
        { Enabled: false } => Forward(alias, own) with { Outcome = OfDisabled(alias.DisabledBehaviour), Recipients = [], Paused = [] },
        { HasRecipients: false } => Forward(alias, own) with
        {
            Recipients = [own.DefaultRecipient],
            Paused = own.IsDefaultPaused ? [own.DefaultRecipient] : [],
        },
        { Recipients.Count: 0 } => Forward(alias, own) with { Outcome = AliasOutcome.Hold },
        _ => Forward(alias, own),
    };

    private static AliasOutcome OfDisabled(DisabledBehaviour behaviour) => behaviour switch
    {
        DisabledBehaviour.Refuse => AliasOutcome.Refuse,
        DisabledBehaviour.Defer => AliasOutcome.Defer,
        _ => AliasOutcome.Discard,
    };

    private AliasLookup Forward(FoundAlias alias, OwnDomain own) => Resolved(
        new AliasLookup(AliasOutcome.Forward, alias.Address, alias.Id, alias.AccountId, alias.Recipients) { Paused = alias.Paused }, own,
        alias.Options);

    /// <summary>Alias before domain before instance.</summary>
    private AliasLookup Resolved(AliasLookup lookup, OwnDomain own, AliasOptions alias)
    {
        var (near, wide) = (alias.Handling, own.Handling);
        return lookup with
        {
            DomainId = own.Id,
            Handling = new AliasHandling(
                own.Name, own.IsReadyToSend, alias.FromName ?? own.FromName, near.Mode ?? wide.Mode ?? defaults.Mode,
                near.FromFormat ?? wide.FromFormat ?? defaults.FromFormat, near.OnDmarcFail ?? wide.OnDmarcFail ?? defaults.OnDmarcFail,
                near.OnSpfFail ?? wide.OnSpfFail ?? defaults.OnSpfFail, near.Unsubscribe ?? wide.Unsubscribe ?? defaults.Unsubscribe,
                alias.KnownSendersOnly, alias.SubjectTemplate, alias.Banner, alias.CleanReplies),
        };
    }

    private static AliasLookup Nowhere(AliasOutcome outcome, string address) => new(outcome, address, null, null, []);

    /// <summary>At the alias's domain, or at the host name. One left over from whoever had the alias's domain before is nobody's.</summary>
    private async ValueTask<AliasLookup?> ReverseAsync(string local, string address, CancellationToken cancellationToken)
    {
        if (!ReverseAddresses.LooksLikeOne(local) || await queries.ReverseAsync(address, cancellationToken) is not { } found)
        {
            return null;
        }

        var alias = found.Route.AliasAddress;
        var own = await queries.DomainAsync(alias[(alias.LastIndexOf('@') + 1)..], cancellationToken);
        return own is null || own.AccountId == found.AccountId
            ? new AliasLookup(AliasOutcome.Reverse, address, null, found.AccountId, []) { Reverse = found.Route }
            : null;
    }

    private async ValueTask<FoundAlias?> WithoutExtensionAsync(string local, string domain, CancellationToken cancellationToken)
    {
        // "+x" alone has nothing before it that an alias could be called.
        var plus = local.IndexOf('+', StringComparison.Ordinal);
        return plus > 0 ? await queries.AliasAsync(string.Concat(local.AsSpan(0, plus), "@", domain), cancellationToken) : null;
    }

    private async ValueTask<AliasLookup> CatchAllAsync(OwnDomain own, string address, CancellationToken cancellationToken)
    {
        if (!own.CatchAll || ReverseAddresses.WasOne(address.AsSpan(0, address.IndexOf('@', StringComparison.Ordinal))))
        {
            return Nowhere(AliasOutcome.Unknown, address) with { AccountId = own.AccountId };
        }

        var (recipients, paused, any) = await queries.CatchAllAsync(own.Name, cancellationToken);
        if (!any)
        {
            recipients.Add(own.DefaultRecipient);
            paused = own.IsDefaultPaused ? [own.DefaultRecipient] : [];
        }

        var lookup = new AliasLookup(
            recipients.Count > 0 ? AliasOutcome.Forward : AliasOutcome.Hold, address, null, own.AccountId, recipients)
        { Paused = paused };
        return Resolved(lookup, own, AliasOptions.OfCatchAll);
    }

    private async ValueTask<AliasLookup> OperatorAsync(string address, CancellationToken cancellationToken) =>
        await queries.FirstAdminAsync(cancellationToken) is { } admin
            ? new AliasLookup(AliasOutcome.Forward, address, null, admin.Id, [admin.Email])
            : Nowhere(AliasOutcome.Hold, address);
}

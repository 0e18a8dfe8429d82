namespace Smtpy.Core.Aliases;

/// <summary>Where mail goes, without any cache: exact alias, alias without "+extension", catch-all; postmaster and abuse always.</summary>
internal sealed class RoutingRules(RoutingQueries queries, string hostName)
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
        var isRole = IsRole(local);
        if (await queries.DomainAsync(name, cancellationToken) is not { } own)
        {
            return isRole && string.Equals(name, hostName, StringComparison.OrdinalIgnoreCase)
                ? await OperatorAsync(address, cancellationToken)
                : Nowhere(AliasOutcome.ForeignDomain, address);
        }

        if (isRole)
        {
            return await queries.AliasAsync(address, cancellationToken) is { Recipients.Count: > 0, Deleted: false } role
                ? Forward(role)
                : new AliasLookup(AliasOutcome.Forward, address, null, own.AccountId, [own.OwnerEmail]);
        }

        var alias = await queries.AliasAsync(address, cancellationToken) ?? await WithoutExtensionAsync(local, name, cancellationToken);
        var found = alias is not null ? OfAlias(alias, own) : await CatchAllAsync(own, address, cancellationToken);
        return own.Active || found.Outcome is not (AliasOutcome.Forward or AliasOutcome.Hold)
            ? found
            : found with { Outcome = AliasOutcome.Discard, Recipients = [] };
    }

    /// <summary>RFC 5321 section 4.5.1 and RFC 2142 section 2: these must be deliverable.</summary>
    private static bool IsRole(string local) => local is "postmaster" or "abuse";

    private static AliasLookup OfAlias(FoundAlias alias, OwnDomain own) => alias switch
    {
        { Deleted: true } => Nowhere(AliasOutcome.Unknown, alias.Address),
        { Enabled: false } => new AliasLookup(OfDisabled(alias.DisabledBehaviour), alias.Address, alias.Id, alias.AccountId, []),
        { HasRecipients: false } => Forward(alias) with { Recipients = [own.DefaultRecipient] },
        { Recipients.Count: 0 } => new AliasLookup(AliasOutcome.Hold, alias.Address, alias.Id, alias.AccountId, []),
        _ => Forward(alias),
    };

    private static AliasOutcome OfDisabled(DisabledBehaviour behaviour) => behaviour switch
    {
        DisabledBehaviour.Refuse => AliasOutcome.Refuse,
        DisabledBehaviour.Defer => AliasOutcome.Defer,
        _ => AliasOutcome.Discard,
    };

    private static AliasLookup Forward(FoundAlias alias) =>
        new(AliasOutcome.Forward, alias.Address, alias.Id, alias.AccountId, alias.Recipients);

    private static AliasLookup Nowhere(AliasOutcome outcome, string address) => new(outcome, address, null, null, []);

    private async ValueTask<FoundAlias?> WithoutExtensionAsync(string local, string domain, CancellationToken cancellationToken)
    {
        // "+x" alone has nothing before it that an alias could be called.
        var plus = local.IndexOf('+', StringComparison.Ordinal);
        return plus > 0 ? await queries.AliasAsync(string.Concat(local.AsSpan(0, plus), "@", domain), cancellationToken) : null;
    }

    private async ValueTask<AliasLookup> CatchAllAsync(OwnDomain own, string address, CancellationToken cancellationToken)
    {
        if (!own.CatchAll)
        {
            return Nowhere(AliasOutcome.Unknown, address);
        }

        var (recipients, any) = await queries.CatchAllAsync(own.Name, cancellationToken);
        if (!any)
        {
            recipients.Add(own.DefaultRecipient);
        }

        return new AliasLookup(
            recipients.Count > 0 ? AliasOutcome.Forward : AliasOutcome.Hold, address, null, own.AccountId, recipients);
    }

    private async ValueTask<AliasLookup> OperatorAsync(string address, CancellationToken cancellationToken) =>
        await queries.FirstAdminAsync(cancellationToken) is { } admin
            ? new AliasLookup(AliasOutcome.Forward, address, null, admin.Id, [admin.Email])
            : Nowhere(AliasOutcome.Hold, address);
}

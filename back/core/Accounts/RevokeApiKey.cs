using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Coordination;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Accounts;

/// <summary>Takes a key back, in every process.</summary>
public sealed class RevokeApiKey(IDbContextFactory<SmtpyContext> contexts, ISignals signals)
{
    /// <param name="key">Its id, or what <see cref="ApiKey.Prefix"/> says where only one key begins like that.</param>
    public async Task<Outcome<ApiKey>> RunAsync(string key, CancellationToken cancellationToken)
    {
        var outcome = await contexts.ChangeAsync<ApiKey>(context => RemoveAsync(context, key, cancellationToken), cancellationToken);
        if (outcome.Succeeded)
        {
            await signals.SendAsync(new Signal(SignalKind.KeyRevoked, outcome.Value.Id.ToString("D")), cancellationToken);
        }

        return outcome;
    }

    private static async Task<Outcome<ApiKey>> RemoveAsync(SmtpyContext context, string key, CancellationToken cancellationToken)
    {
        var id = Guid.TryParse(key, out var parsed) ? parsed : Guid.Empty;
        var found = await context.ApiKeys.Include(k => k.Account).Where(k => k.Id == id || k.Prefix == key).Take(2).ToListAsync(cancellationToken);
        if (found is not [var one])
        {
            return found.Count == 0
                ? Problem.NotFound($"There is no key {key}; see which there are with: smtpy apikey list")
                : Problem.Conflict($"Several keys begin with {key}; name one by its id: smtpy apikey list");
        }

        context.ApiKeys.Remove(one);
        await context.SaveChangesAsync(cancellationToken);
        return one;
    }
}

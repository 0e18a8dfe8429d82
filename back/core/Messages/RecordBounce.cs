using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>Puts down what came back about a delivery.</summary>
public sealed class RecordBounce(IDbContextFactory<SmtpyContext> contexts)
{
    /// <returns>False: known already. One report may come more than once, from one server or several.</returns>
    /// <exception cref="StorageException">The database cannot be written.</exception>
    public async Task<bool> RunAsync(BounceRow bounce, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            if (await context.Bounces.AnyAsync(
                b => b.MessageId == bounce.MessageId && b.Ordinal == bounce.Ordinal && b.Kind == bounce.Kind, cancellationToken))
            {
                return false;
            }

            context.Bounces.Add(bounce);
            await context.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is not StorageException && DatabaseTrouble.IsCauseOf(failure))
        {
            throw new StorageException($"What came back about message {bounce.MessageId} cannot be stored: {failure.Message}", failure);
        }
    }
}

using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>One refusal with what was found of the mail.</summary>
public sealed class ShowRefusal(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<Outcome<RefusalRow>> RunAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Refusals.AsNoTracking().FirstOrDefaultAsync(r => r.Id == id, cancellationToken) is { } refusal
            ? refusal
            : Problem.NotFound(string.Create(CultureInfo.InvariantCulture, $"There is no refusal {id}; see which there are with: smtpy refusals list"));
    }
}

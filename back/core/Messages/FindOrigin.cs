using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Mail.Notices;

namespace Smtpy.Core.Messages;

/// <summary>Finds the delivery that a return path names, with those that left together with it.</summary>
public sealed class FindOrigin(IDbContextFactory<SmtpyContext> contexts)
{
    /// <returns>Null where retention has removed it.</returns>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public async Task<Origin?> RunAsync(long messageId, int ordinal, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var message = await context.Messages.AsNoTracking().FirstOrDefaultAsync(m => m.Id == messageId, cancellationToken);
            var deliveries = await context.Deliveries.AsNoTracking().Where(d => d.MessageId == messageId).OrderBy(d => d.Ordinal)
                .ToListAsync(cancellationToken);
            if (message is null || deliveries.Find(d => d.Ordinal == ordinal) is not { } named)
            {
                return null;
            }

            var together = deliveries.FindAll(d => d.Kind == named.Kind && string.Equals(d.AliasAddress, named.AliasAddress, StringComparison.OrdinalIgnoreCase));
            var dsn = named.Kind == DeliveryKind.Reply
                ? await context.DsnRequests.AsNoTracking().FirstOrDefaultAsync(r => r.MessageId == messageId && r.Ordinal == ordinal, cancellationToken)
                : null;
            return new Origin(
                named.Kind, message.Origin, message.ReceivedAt, message.HeaderFrom, message.PartCount, named.AccountId, named.AliasId,
                named.AliasAddress, new DeliveryKey(messageId, ordinal), together.ConvertAll(d => new OriginRecipient(d.Ordinal, d.Recipient)))
            {
                Dsn = dsn is null ? DsnRequest.None : new DsnRequest(dsn.Notify, dsn.OriginalRecipient, dsn.EnvelopeId, dsn.ReturnFull),
            };
        }
        catch (DbException failure)
        {
            throw new StorageException($"What message {messageId} was cannot be read: {failure.Message}", failure);
        }
    }
}

/// <summary>What left, and may come back.</summary>
/// <param name="HeaderFrom">Address in From that was judged; null where none was.</param>
/// <param name="Key">The delivery that was named.</param>
/// <param name="Recipients">Those that one return path stands for; the named one among them.</param>
public sealed record Origin(
    DeliveryKind Kind, MessageOrigin Source, DateTimeOffset ReceivedAt, string? HeaderFrom, int PartCount, Guid? AccountId, Guid? AliasId,
    string AliasAddress, DeliveryKey Key, IReadOnlyList<OriginRecipient> Recipients)
{
    /// <summary>What its writer asked about notifications.</summary>
    public DsnRequest Dsn { get; init; } = DsnRequest.None;

    public string Recipient => Recipients.First(r => r.Ordinal == Key.Ordinal).Address;
}

public sealed record OriginRecipient(int Ordinal, string Address);

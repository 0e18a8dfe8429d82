using Smtpy.Core.Aliases;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>Decides what becomes of a message for recipients of one kind (DESIGN section 3, stages 3 and 5). The first that takes a recipient decides.</summary>
public interface IRecipientPlanner
{
    /// <summary>True where the recipient is this planner's to decide.</summary>
    bool Takes(IncomingMessage message, SmtpRecipient recipient, AliasLookup route);

    /// <exception cref="Core.Storage.StorageException">The database cannot be read: the sender is told to come again.</exception>
    ValueTask<RecipientPlan> PlanAsync(
        IncomingMessage message, Judgement judgement, SmtpRecipient recipient, AliasLookup route, CancellationToken cancellationToken);
}

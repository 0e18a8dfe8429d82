using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Coordination;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Submit;

namespace Smtpy.Smtp.Plan;

/// <summary>
/// Mail to <c>alias+user=shop.example@alias-domain</c> from the alias's owner begins a conversation with <c>user@shop.example</c>.
/// From anybody else it is mail to an alias with an extension. An alias that is switched off can be written from all the same: that is
/// about what comes in.
/// </summary>
public sealed class SendPlanner(
    IRecipientPlanner others, IAliasDirectory directory, WriterCheck writers, MeetContact contacts, IOwnerNotices notices, IRateCounter rates,
    CorrespondenceOptions options) : IRecipientPlanner
{
    public bool Takes(IncomingMessage message, SmtpRecipient recipient, AliasLookup route) =>
        route is { Outcome: AliasOutcome.Forward or AliasOutcome.Hold or AliasOutcome.Discard, AccountId: not null, Handling: not null }
        && !message.Transaction.Sender.IsNull && SendAddress.TryParse(recipient.LocalPart, out _);

    public async ValueTask<RecipientPlan> PlanAsync(
        IncomingMessage message, Judgement judgement, SmtpRecipient recipient, AliasLookup route, CancellationToken cancellationToken)
    {
        if (!SendAddress.TryParse(recipient.LocalPart, out var send))
        {
            return await others.PlanAsync(message, judgement, recipient, route, cancellationToken);
        }

        var alias = await directory.FindAsync(send.Alias, recipient.Domain, cancellationToken);
        if (alias is not { Outcome: AliasOutcome.Forward or AliasOutcome.Hold or AliasOutcome.Discard, AccountId: { } account, Handling: not null } || account != route.AccountId
            || await writers.CheckAsync(message, judgement, account, alias.Address, recipient, cancellationToken) != WriterStanding.Proved)
        {
            return await others.PlanAsync(message, judgement, recipient, route, cancellationToken);
        }

        var delivery = new NewDelivery(0, account, alias.AliasId, alias.Address, send.Contact.Address, DeliveryState.Queued, Leased: false)
        {
            Kind = DeliveryKind.Reply,
        };
        if (await ReplyPlanner.AutomaticAsync(notices, message, WriterStanding.Proved, delivery, cancellationToken) is { } automatic)
        {
            return automatic;
        }

        if (await ReplyPlanner.WithinLimitAsync(rates, options, account, delivery, cancellationToken) is { } refused)
        {
            return refused;
        }

        return new RecipientPlan
        {
            Deliveries = [delivery],
            Contacts = await contacts.RunAsync(alias, send.Contact, cancellationToken) is { } contact ? [contact] : [],
        };
    }
}

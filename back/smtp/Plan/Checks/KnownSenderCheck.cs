namespace Smtpy.Smtp.Plan.Checks;

/// <summary>
/// The alias takes mail of its contacts only, and of those only what is proved to be theirs: their names are easily guessed. The owner's own
/// mailbox is known, too.
/// </summary>
internal sealed class KnownSenderCheck : IForwardCheck
{
    public ForwardDecision? Check(ForwardCase mail) => mail switch
    {
        { Handling.KnownSendersOnly: false } or { Sender.IsOwner: true } => null,
        { Sender.Contact: null } => ForwardDecision.Hold("the alias takes known senders only, and this sender is not known"),
        { Judgement.IsAuthenticated: false } => ForwardDecision.Hold(
            "the alias takes known senders only, and neither DMARC, SPF nor DKIM proves that this is the one in From"),
        _ => null,
    };
}

using Smtpy.Core.Rules;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>What a check is told of one message for one alias.</summary>
public sealed record ForwardCase(Judgement Judgement, AliasHandling Handling, SenderStanding Sender)
{
    public string Client { get; init; } = "";

    /// <summary>To postmaster or abuse.</summary>
    public bool IsRole { get; init; }
}

/// <summary>Why a message does not simply go on.</summary>
/// <param name="Reason">One line for the owner.</param>
/// <param name="Reply">Set: the message is refused with it; null: it is held.</param>
public sealed record ForwardDecision(string Reason, SmtpReply? Reply, Refusal Refusal)
{
    public static ForwardDecision Hold(string reason) => new(reason, null, default);

    public static ForwardDecision Refuse(string reason, SmtpReply reply, Refusal refusal) => new(reason, reply, refusal);

    /// <summary>As the alias, its domain or the instance wants it; null where the message is only marked.</summary>
    public static ForwardDecision? For(FailureAction action, string reason, SmtpReply reply, Refusal refusal) => action switch
    {
        FailureAction.Reject => Refuse($"{reason}: refused", reply, refusal),
        FailureAction.Quarantine => Hold($"{reason}: quarantined"),
        _ => null,
    };
}

/// <summary>One rule about mail to an alias.</summary>
public interface IForwardCheck
{
    /// <returns>Null where the message may go on.</returns>
    ForwardDecision? Check(ForwardCase mail);
}

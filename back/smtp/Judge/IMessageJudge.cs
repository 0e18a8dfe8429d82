using Smtpy.Mail.Server;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Judge;

/// <summary>Finds out who sent a message and what it is (DESIGN section 3, stage 3). Decides nothing.</summary>
public interface IMessageJudge
{
    /// <summary>A recipient was taken: what the envelope alone tells can be found out while the message is on its way. Never waits.</summary>
    void Begin(SmtpTransaction transaction);

    ValueTask<Judgement> JudgeAsync(IncomingMessage message, CancellationToken cancellationToken);
}

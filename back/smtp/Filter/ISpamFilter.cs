using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Filter;

/// <summary>Says how much a message looks like spam.</summary>
public interface ISpamFilter
{
    /// <returns>Null where there is no opinion. Never fails, and does not hold on to the message's octets after it has returned.</returns>
    ValueTask<SpamJudgement?> AskAsync(IncomingMessage message, CancellationToken cancellationToken);
}

/// <summary>Has no opinion.</summary>
public sealed class NoSpamFilter : ISpamFilter
{
    public ValueTask<SpamJudgement?> AskAsync(IncomingMessage message, CancellationToken cancellationToken) => ValueTask.FromResult<SpamJudgement?>(null);
}

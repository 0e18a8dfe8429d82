using Smtpy.Mail.Addresses;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Spf;

namespace Smtpy.Mail.Authentication;

/// <summary>
/// Finds out who sent a message, by SPF, DKIM, ARC and DMARC together. One for the whole process; each message has a
/// <see cref="MessageCheck"/>. Never fails for want of DNS: what could not be asked is a temporary error in its place.
/// </summary>
public sealed class Authenticator
{
    private readonly IRecordResolver _resolver;
    private readonly KeyDirectory _keys;

    public Authenticator(IRecordResolver resolver, AuthenticationOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_resolver, Options, Time) = (resolver, options, time);
        _keys = new KeyDirectory(new CachedTextResolver(resolver), options.Signatures);
    }

    internal AuthenticationOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>Begins with a message; to be disposed when nobody waits for its results any more.</summary>
    public MessageCheck Begin() => new(this, new MessageQuestions(_resolver, Time), new MessageQuestions(_resolver, Time), _keys);
}

/// <summary>The judgement of one message. Completes without waiting where DNS answers are at hand.</summary>
public sealed class MessageCheck : IDisposable
{
    private readonly Authenticator _authenticator;
    private readonly MessageQuestions _questions;
    private readonly MessageQuestions _policies;
    private readonly KeyDirectory _keys;
    private Task<SpfOutcome>? _spf;

    /// <param name="policies">DMARC's own: a signer whose DNS is slow must not use up the time for the policy of somebody else's domain.</param>
    internal MessageCheck(Authenticator authenticator, MessageQuestions questions, MessageQuestions policies, KeyDirectory keys)
    {
        (_authenticator, _questions, _policies) = (authenticator, questions, policies);
        _keys = keys.Asking(questions);
    }

    /// <summary>SPF needs the envelope only, so it may begin before the message comes. Later calls give the same result.</summary>
    public Task<SpfOutcome> CheckSpfAsync(SpfRequest request) =>
        _spf ??= new SpfVerifier(_questions, _authenticator.Options.Spf, _authenticator.Time).CheckAsync(request, CancellationToken.None).AsTask();

    /// <param name="body">Finished, and asked for the hashes of <paramref name="signatures"/> and <paramref name="chain"/>.</param>
    public async ValueTask<MessageAuthentication> RunAsync(
        SpfRequest request, Author author, DkimSignatures signatures, ArcChain chain, BodyHasher body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(author);
        var (options, time) = (_authenticator.Options, _authenticator.Time);
        _questions.EndAfter(options.TimeLimit);
        var checkingSpf = CheckSpfAsync(request);
        var checkingDkim = new DkimVerifier(_keys, time).VerifyAsync(signatures, body, cancellationToken);
        var checkingArc = new ArcVerifier(_keys, time).VerifyAsync(chain, body, cancellationToken);
        var spf = await checkingSpf.WaitAsync(cancellationToken);
        var dkim = await checkingDkim;
        var dmarc = await new DmarcVerifier(_policies, options.Dmarc, time).EvaluateAsync(Request(author, spf, dkim), cancellationToken);
        return new MessageAuthentication(spf, dkim, dmarc, await checkingArc, author);
    }

    public void Dispose()
    {
        _questions.Dispose();
        _policies.Dispose();
    }

    private static DmarcRequest Request(Author author, SpfOutcome spf, IReadOnlyList<DkimResult> dkim)
    {
        var from = new List<string>(author.Mailboxes.Count);
        foreach (var mailbox in author.Mailboxes)
        {
            from.Add(mailbox.Address.Domain);
        }

        return new DmarcRequest(from, spf.Result, spf.Domain, Domains(dkim, DkimVerdict.Pass), Domains(dkim, DkimVerdict.TempError));
    }

    private static List<string> Domains(IReadOnlyList<DkimResult> results, DkimVerdict verdict)
    {
        var domains = new List<string>(results.Count);
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].Verdict == verdict)
            {
                domains.Add(results[i].Domain);
            }
        }

        return domains;
    }
}

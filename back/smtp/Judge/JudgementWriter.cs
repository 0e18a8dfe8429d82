using System.Globalization;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Authentication;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Spf;

namespace Smtpy.Smtp.Judge;

/// <summary>Puts down what was found out, in the words of RFC 8601.</summary>
/// <param name="authservId">Our host name.</param>
public sealed class JudgementWriter(string authservId, TrustedSealers sealers)
{
    /// <param name="mailFrom">Empty for the null reverse path.</param>
    public Judgement Write(MessageAuthentication found, string mailFrom)
    {
        ArgumentNullException.ThrowIfNull(found);
        var results = ResultList.Describe(found, mailFrom);
        var field = AuthenticationResultsWriter.Write(authservId, results);
        return new Judgement
        {
            Spf = Spf(found.Spf),
            Dkim = Dkim(found.Dkim),
            Dmarc = Dmarc(found.Dmarc),
            Arc = Arc(found),
            From = found.Author.First?.Address.Address.ToLowerInvariant(),
            Results = Content(field),
            Written = new WrittenResults(results, field),
            IsAuthenticated = found.IsAuthenticated,
            IsAuthenticatedBySpf = found.IsAuthenticatedBySpf,
            IsContentSigned = found.IsContentSigned,
            HasSoundAuthor = found.Author.Kind != AuthorKind.Unreadable,
            IsSignedByAuthor = found.IsSignedByAuthor,
        };
    }

    private static SpfJudgement Spf(SpfOutcome spf) => new(spf.Result.Word(), spf.Domain, spf.Explanation);

    private static DkimJudgement[] Dkim(IReadOnlyList<DkimResult> results)
    {
        var judgements = new DkimJudgement[results.Count];
        for (var i = 0; i < judgements.Length; i++)
        {
            var result = results[i];
            judgements[i] = new DkimJudgement(
                result.Verdict.Word(), result.Domain, result.Selector, result.Reason.Length > 0 ? result.Reason : null);
        }

        return judgements;
    }

    private static DmarcJudgement Dmarc(DmarcOutcome dmarc) =>
        new(dmarc.Result.Word(), dmarc.Policy?.Word(), dmarc.Disposition.Word(), dmarc.Domain);

    private ArcJudgement Arc(MessageAuthentication found) =>
        new(found.Arc.Status.Word(), found.Arc.Instances, found.Arc.Sets.Count > 0 ? found.Arc.Sets[^1].SealDomain : null)
        {
            Voucher = sealers.VoucherOf(found.Arc, found.Dmarc.AuthorDomain),
        };

    private static string Content(byte[] field) => new HeaderBlock(field).TryFind("Authentication-Results"u8, out var written)
        ? written.Value()
        : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{field.Length} octets are no field."));
}

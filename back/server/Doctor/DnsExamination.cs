using Smtpy.Core.Domains.Records;
using Smtpy.Mail.Dns;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Doctor;

/// <summary>Asks the resolver what the world will ask it: our own name, and the records of our domains.</summary>
internal sealed class DnsExamination(Settings settings, IMailResolver resolver)
{
    public async Task<Finding> HostnameAsync(CancellationToken cancellationToken)
    {
        var about = "DNS of " + settings.Hostname;
        var answer = await resolver.FindAddressesAsync(settings.Hostname, cancellationToken);
        return answer.Status switch
        {
            DnsStatus.Found => Finding.Ok(about, string.Join(", ", answer.Addresses)),
            DnsStatus.TemporaryFailure => Finding.Broken("resolver", $"does not answer ({answer.Reason}); see DNS_SERVER"),
            _ => Finding.Warning(about, "has no address: other servers will distrust mail from it; see SMTP_HOSTNAME"),
        };
    }

    /// <summary>One line for all records of a name. It keeps nothing: looking must not change what is looked at.</summary>
    public static async Task<Finding> RecordsAsync(ExamineDomain examine, string name, CancellationToken cancellationToken)
    {
        var about = "records of " + name;
        var outcome = await examine.LookAsync(name, cancellationToken);
        if (!outcome.Succeeded)
        {
            return Finding.Warning(about, outcome.Problem.Message);
        }

        var wrong = outcome.Value.Findings.Where(static f => f.Verdict != RecordVerdict.Ok).ToList();
        var unanswered = wrong.Find(static f => f.Verdict == RecordVerdict.Unknown && f.IsObstacle);
        return wrong.Count == 0 ? Finding.Ok(about, string.Join(", ", outcome.Value.Findings.Select(Title).Distinct()))
            : unanswered is not null ? Finding.Broken(about, $"the resolver does not answer ({unanswered.Note})")
            : Finding.Warning(about, $"{string.Join(", ", wrong.Select(static f => $"{Title(f)} {Word(f)}"))}: see smtpy domain check {name}");
    }

    private static string Title(RecordFinding finding) => finding.Record.Purpose switch
    {
        DomainRecordPurpose.Sender => "SPF",
        DomainRecordPurpose.Key => "DKIM " + finding.Record.Key!.Selector,
        DomainRecordPurpose.Policy => "DMARC",
        _ => finding.Record.Type,
    };

    private static string Word(RecordFinding finding) =>
        finding.Verdict.ToString().ToLowerInvariant() + (finding.Record.IsRequired ? "" : " (advised)");
}

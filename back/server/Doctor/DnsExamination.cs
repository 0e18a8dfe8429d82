using Smtpy.Mail.Dns;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Doctor;

/// <summary>Asks the resolver what the world will ask it: our own name, and where our domains' mail goes.</summary>
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

    public async Task<Finding> DomainAsync(string domain, CancellationToken cancellationToken)
    {
        var about = "MX of " + domain;
        var answer = await resolver.FindExchangersAsync(domain, cancellationToken);
        var hosts = string.Join(", ", answer.Hosts.Select(static h => $"{h.Preference} {h.Host}"));
        return answer.Status switch
        {
            DnsStatus.Found when answer.Hosts.Any(IsUs) => Finding.Ok(about, hosts),
            DnsStatus.Found => Finding.Warning(about, $"{hosts}: mail for it does not come here; wanted: 10 {settings.Hostname}"),
            DnsStatus.TemporaryFailure => Finding.Broken(about, $"the resolver does not answer ({answer.Reason})"),
            _ => Finding.Warning(about, $"there is none; wanted: {domain} MX 10 {settings.Hostname}"),
        };
    }

    private bool IsUs(MailExchanger host) => host.Host.AsSpan().TrimEnd('.').Equals(settings.Hostname, StringComparison.OrdinalIgnoreCase);
}

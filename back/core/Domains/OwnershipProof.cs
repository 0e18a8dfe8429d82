using System.Security.Cryptography;
using System.Text;
using Smtpy.Mail.Dns;

namespace Smtpy.Core.Domains;

/// <summary>
/// Proof by DNS that an account may use a domain: a TXT record at the domain whose text nobody can guess and that no other account
/// can show. It is computed, not stored, so every replica with the same secret knows it.
/// </summary>
public sealed class OwnershipProof(OwnershipProofOptions options, ITextResolver texts, IMailResolver exchangers)
{
    private const string Label = "smtpy-verify=";

    /// <summary>What the TXT record must say.</summary>
    public string Record(Guid accountId, string domain)
    {
        var mac = HMACSHA256.HashData(options.Secret.Span, Encoding.UTF8.GetBytes($"domain\n{accountId:D}\n{domain}"));
        return Label + Convert.ToHexStringLower(mac)[..40];
    }

    /// <returns>Found, NotFound (no such record), or TemporaryFailure.</returns>
    public async Task<DnsStatus> AskAsync(Guid accountId, string domain, CancellationToken cancellationToken)
    {
        var answer = await texts.FindTextsAsync(domain, cancellationToken);
        var wanted = Record(accountId, domain);
        return answer.Status == DnsStatus.TemporaryFailure ? DnsStatus.TemporaryFailure
            : answer.Texts.Any(text => string.Equals(text.Trim(), wanted, StringComparison.OrdinalIgnoreCase)) ? DnsStatus.Found
            : DnsStatus.NotFound;
    }

    /// <summary>Whether the domain's mail comes to this instance, by its MX records.</summary>
    public async Task<bool> IsExchangerAsync(string domain, CancellationToken cancellationToken)
    {
        var answer = await exchangers.FindExchangersAsync(domain, cancellationToken);
        return answer.Hosts.Any(host => host.Host.TrimEnd('.').Equals(options.HostName, StringComparison.OrdinalIgnoreCase));
    }
}

/// <param name="Secret">SECRET_KEY.</param>
/// <param name="HostName">SMTP_HOSTNAME: what MX records name.</param>
public sealed record OwnershipProofOptions(ReadOnlyMemory<byte> Secret, string HostName);

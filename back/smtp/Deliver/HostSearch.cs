using Smtpy.Mail.Client;
using Smtpy.Mail.Dns;

namespace Smtpy.Smtp.Deliver;

/// <summary>What was met while the hosts of a domain were tried one after the other, and what to say when none of them would do.</summary>
/// <param name="maxAddresses">Addresses that may be tried.</param>
internal sealed class HostSearch(int maxAddresses)
{
    private OpenResult? _last;
    private OpenResult? _never;
    private bool _everyNameIsWrong = true;
    private int _tried;

    public void Looked(string host, HostAddresses found)
    {
        _everyNameIsWrong &= found.Status == DnsStatus.NotFound;
        if (found.Status != DnsStatus.Found)
        {
            _last ??= OpenResult.NotNow(new PeerReply(451, "4.4.3", $"{host}: {found.Reason}"), "");
        }
    }

    public bool MayTry() => _tried++ < maxAddresses;

    public void Failed(OpenResult result)
    {
        if (result.IsPermanent)
        {
            _never = result;
        }
        else
        {
            _last = result;
        }
    }

    /// <summary>A host that will never do is the answer only if no other one may do later.</summary>
    public OpenResult Result(string domain) => _everyNameIsWrong
        ? OpenResult.Never(550, "5.4.4", $"none of the mail servers of {domain} has an address")
        : _last ?? _never ?? OpenResult.NotNow(new PeerReply(451, "4.4.1", $"no mail server of {domain} answers"), "");
}

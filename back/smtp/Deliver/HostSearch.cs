using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Client;
using Smtpy.Mail.Dns;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// Which hosts and addresses of a domain are tried in one attempt, what was met there, and what to say when none of them would do. No
/// host and no preference may use up the attempt: those after it are reached as well (RFC 5321 section 5.1).
/// </summary>
/// <param name="avoid">Tried in this attempt already, in vain.</param>
internal sealed class HostSearch(DeliveryOptions limits, IReadOnlyCollection<IPEndPoint> avoid)
{
    private readonly Dictionary<int, int> _hosts = [];
    private OpenResult? _last;
    private OpenResult? _never;
    private bool _everyNameIsWrong = avoid.Count == 0;
    private int _tried = avoid.Count;

    public bool IsOver => _tried >= limits.MaxAddresses;

    /// <summary>False: as many hosts of its preference were tried as may be.</summary>
    public bool MayTry(MailExchanger host) => !IsOver && _hosts.GetValueOrDefault(host.Preference) < limits.MaxHostsPerPreference;

    public void Looked(string host, HostAddresses found)
    {
        _everyNameIsWrong &= found.Status == DnsStatus.NotFound;
        if (found.Status != DnsStatus.Found)
        {
            _last ??= OpenResult.NotNow(new PeerReply(451, "4.4.3", $"{host}: {found.Reason}"), "");
        }
    }

    /// <summary>
    /// The addresses of a host that are to be tried. The first is one of its IPv4 addresses, where it has any; which ones follow is left to
    /// chance, so that each has its turn in one attempt or another.
    /// </summary>
    public IReadOnlyList<IPEndPoint> Choose(MailExchanger host, IReadOnlyList<IPAddress> addresses)
    {
        IPEndPoint[] left = [.. addresses.Select(address => new IPEndPoint(address, limits.MxPort)).Where(address => !avoid.Contains(address))];
        Random.Shared.Shuffle(left);
        var first = Array.FindIndex(left, static address => address.AddressFamily == AddressFamily.InterNetwork);
        if (first > 0)
        {
            (left[0], left[first]) = (left[first], left[0]);
        }

        var most = Math.Min(limits.MaxAddressesPerHost - (addresses.Count - left.Length), limits.MaxAddresses - _tried);
        var chosen = left[..Math.Clamp(most, 0, left.Length)];
        _tried += chosen.Length;
        if (left.Length < addresses.Count || chosen.Length > 0)
        {
            _hosts[host.Preference] = _hosts.GetValueOrDefault(host.Preference) + 1;
        }

        return chosen;
    }

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

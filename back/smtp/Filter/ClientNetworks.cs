using System.Net;

namespace Smtpy.Smtp.Filter;

internal static class ClientNetworks
{
    /// <summary>Loopback, private and link-local addresses (RFC 1918, RFC 6598, RFC 4193, RFC 4291): no list in the world knows whose they are.</summary>
    private static readonly IPNetwork[] Local =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/10"),
    ];

    public static bool IsLocal(IPAddress address) => Contain(Local, address);

    public static bool Contain(IReadOnlyList<IPNetwork> networks, IPAddress address)
    {
        for (var i = 0; i < networks.Count; i++)
        {
            if (networks[i].Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}

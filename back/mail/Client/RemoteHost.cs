using System.Net;

namespace Smtpy.Mail.Client;

/// <summary>Where a connection goes.</summary>
/// <param name="Name">Host name as the MX record or the configuration spells it; for an address literal the address.</param>
public sealed record RemoteHost(string Name, IPEndPoint EndPoint)
{
    /// <summary>"mx1.example.net[192.0.2.1]:25", as mail logs have it.</summary>
    public override string ToString() => $"{Name}[{EndPoint.Address}]:{EndPoint.Port}";
}

namespace Smtpy.Tests.Support.Dns;

/// <summary>Record types the tests serve.</summary>
public enum DnsType
{
    A = 1,
    Cname = 5,
    Soa = 6,
    Reverse = 12,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Tlsa = 52,
}

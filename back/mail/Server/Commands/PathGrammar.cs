using System.Text;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Server.Commands;

/// <summary>A path in angle brackets as MAIL and RCPT take it (RFC 5321 section 4.1.2).</summary>
internal readonly ref struct SmtpPath
{
    /// <summary>Octets of the path and of what stands before it.</summary>
    public required int Length { get; init; }

    /// <summary>As spelt, without source route; empty for "&lt;&gt;".</summary>
    public ReadOnlySpan<byte> Mailbox { get; init; }

    /// <summary>As spelt, quoting included.</summary>
    public ReadOnlySpan<byte> LocalPart { get; init; }

    /// <summary>Lower case, A-labels; an address literal as spelt; empty for "&lt;&gt;" and for the bare "&lt;Postmaster&gt;".</summary>
    public string Domain { get; init; }
}

internal static class PathGrammar
{
    /// <param name="arguments">What follows the colon of "MAIL FROM:" or "RCPT TO:".</param>
    public static bool TryParse(ReadOnlySpan<byte> arguments, out SmtpPath path)
    {
        path = default;

        // Not in the grammar, but common: "MAIL FROM: <a@b>".
        var start = arguments.IndexOfAnyExcept((byte)' ');
        if (start < 0 || arguments[start] != (byte)'<')
        {
            return false;
        }

        var text = arguments[(start + 1)..];
        var route = RouteLength(text);
        if (route < 0)
        {
            return false;
        }

        var mailbox = text[route..];
        if (route == 0 && !mailbox.IsEmpty && mailbox[0] == (byte)'>')
        {
            path = new SmtpPath { Length = start + 2, Domain = "" };
            return true;
        }

        var local = LocalPart.Measure(mailbox);
        if (local == 0 || !TryReadDomain(mailbox[local..], mailbox[..local], out var domain, out var domainLength))
        {
            return false;
        }

        var length = local + domainLength;
        path = new SmtpPath
        {
            Length = start + 1 + route + length + 1,
            Mailbox = mailbox[..length],
            LocalPart = mailbox[..local],
            Domain = domain,
        };
        return length + 2 <= AddressLimits.Path;
    }

    /// <summary>Source routes are read and ignored (RFC 5321 appendix C). -1 where one is broken.</summary>
    private static int RouteLength(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != (byte)'@')
        {
            return 0;
        }

        var colon = text.IndexOf((byte)':');
        return colon < 2 || text[..colon].ContainsAny("<> \""u8) ? -1 : colon + 1;
    }

    /// <param name="rest">What follows the local part: "@domain>" or, for the bare postmaster, ">".</param>
    private static bool TryReadDomain(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> local, out string domain, out int length)
    {
        (domain, length) = ("", 0);
        var end = rest.IndexOf((byte)'>');
        if (end == 0)
        {
            return Ascii.EqualsIgnoreCase(local, "postmaster"u8);
        }

        if (end < 2 || rest[0] != (byte)'@')
        {
            return false;
        }

        length = end;
        var name = rest[1..end];
        if (name[0] == (byte)'[')
        {
            domain = AddressLiteral.IsValid(name) ? Encoding.ASCII.GetString(name) : "";
            return domain.Length > 0;
        }

        if (!DomainName.TryNormalize(name, out var normalized))
        {
            return false;
        }

        domain = normalized;
        return true;
    }
}

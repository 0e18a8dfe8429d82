using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Smtpy.Core.Contacts;
using Smtpy.Core.Coordination;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Server;
using Smtpy.Mail.Spf;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Filter;

/// <summary>
/// Lets a triplet of client network, sender and alias wait when it is first seen (RFC 6647). Contacts whose SPF passes do not wait.
/// </summary>
public sealed class Greylist(FilterOptions options, IFirstSeen seen, ContactBook contacts, TimeProvider time)
{
    /// <summary>128 bits: triplets are as long as addresses can be, their marks are not.</summary>
    private const int MarkOctets = 16;

    /// <summary>True where the client shall come again later.</summary>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<bool> MustWaitAsync(SmtpTransaction transaction, string aliasAddress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var client = transaction.Peer.RemoteEndPoint.Address;
        if (!options.Greylists || ClientNetworks.IsLocal(client) || ClientNetworks.Contain(options.Exempt, client))
        {
            return false;
        }

        var sender = SenderAddress.OfEnvelope(transaction.Sender.Address);
        if (sender.Length > 0 && await contacts.FindAsync(aliasAddress, sender, cancellationToken) is { Blocked: false }
            && TransactionState.Of(transaction).Check is { } check
            && (await check.CheckSpfAsync(TransactionState.Spf(transaction)).WaitAsync(cancellationToken)).Result == SpfResult.Pass)
        {
            return false;
        }

        var mark = Mark(client, sender, aliasAddress);
        var first = await seen.FirstSeenAsync(mark, options.GreylistWindow, cancellationToken);
        if (time.GetUtcNow() - first < options.GreylistDelay)
        {
            return true;
        }

        await seen.KeepAsync(mark, options.GreylistMemory, cancellationToken);
        return false;
    }

    /// <summary>Of the /24 or /64: large senders try again from a neighbour.</summary>
    private static string Mark(IPAddress client, string sender, string alias)
    {
        Span<byte> octets = stackalloc byte[16];
        client.TryWriteBytes(octets, out var length);
        var network = Convert.ToHexString(octets[..(client.AddressFamily == AddressFamily.InterNetwork ? 3 : Math.Min(8, length))]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{network}\n{sender}\n{alias}"), hash);
        return Convert.ToHexStringLower(hash[..MarkOctets]);
    }
}

/// <summary>How senders are compared.</summary>
internal static class SenderAddress
{
    /// <summary>
    /// Lower case, domain as A-label, without what forwarders and signers of return paths wrap around it; empty for the null reverse path
    /// and for what is no address.
    /// </summary>
    public static string OfEnvelope(string mailFrom) =>
        mailFrom.Length > 0 && EmailAddress.TryParse(RewrittenSender.OriginalOf(mailFrom), out var address) ? Of(address) : "";

    public static string Of(EmailAddress address) => address.Address.ToLowerInvariant();
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Smtpy.Mail.Dns;

namespace Smtpy.Smtp.Filter;

/// <summary>Asks DNS block lists about a client (RFC 5782). A list that does not answer has said nothing.</summary>
public sealed class BlockLists(FilterOptions options, IRecordResolver resolver, TimeProvider time)
{
    /// <summary>Characters of a list's text that are shown to the client: a reply line has 512 octets.</summary>
    private const int LongestText = 300;

    /// <returns>The first list in order that has the client; null for none.</returns>
    public Task<BlockListEntry?> FindAsync(IPAddress client, CancellationToken cancellationToken) =>
        options.BlockLists.Count == 0 || ClientNetworks.IsLocal(client) || ClientNetworks.Contain(options.Exempt, client)
            ? Task.FromResult<BlockListEntry?>(null)
            : AskAsync(Reversed(client), cancellationToken);

    private async Task<BlockListEntry?> AskAsync(string reversed, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.BlockListTimeLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var asked = new Task<BlockListEntry?>[options.BlockLists.Count];
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] = AskAsync(reversed, options.BlockLists[i], both.Token);
        }

        return Array.Find(await Task.WhenAll(asked), static entry => entry is not null);
    }

    private async Task<BlockListEntry?> AskAsync(string reversed, string zone, CancellationToken cancellationToken)
    {
        try
        {
            var name = $"{reversed}.{zone}";
            var answer = await resolver.FindAddressesAsync(name, AddressFamily.InterNetwork, cancellationToken);
            if (!IsListed(answer.Records))
            {
                return null;
            }

            var texts = await resolver.FindTextsAsync(name, cancellationToken);
            return new BlockListEntry(zone, texts.Records.Count > 0 ? Printable(texts.Records[0]) : "");
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Lists answer from 127.0.0.0/8 (RFC 5782 section 2.1); 127.255.255.0/24 says that the question was not allowed.</summary>
    private static bool IsListed(IReadOnlyList<IPAddress> answers)
    {
        Span<byte> octets = stackalloc byte[4];
        for (var i = 0; i < answers.Count; i++)
        {
            if (answers[i].TryWriteBytes(octets, out _) && octets[0] == 127 && !(octets[1] == 255 && octets[2] == 255))
            {
                return true;
            }
        }

        return false;
    }

    private static string Printable(string text)
    {
        var line = new StringBuilder(text, 0, Math.Min(text.Length, LongestText), LongestText);
        for (var i = 0; i < line.Length; i++)
        {
            line[i] = line[i] is >= ' ' and <= '~' ? line[i] : '?';
        }

        return line.ToString();
    }

    /// <summary>Octets of IPv4, nibbles of IPv6, the last one first (RFC 5782 sections 2.1 and 2.4).</summary>
    private static string Reversed(IPAddress client)
    {
        var octets = client.GetAddressBytes();
        Array.Reverse(octets);
        return client.AddressFamily == AddressFamily.InterNetwork
            ? string.Join('.', octets.Select(static octet => octet.ToString(CultureInfo.InvariantCulture)))
            : string.Join('.', octets.Select(static octet => $"{octet & 15:x}.{octet >> 4:x}"));
    }
}

/// <param name="Text">What the list says about the client, printable ASCII; empty for nothing.</param>
public sealed record BlockListEntry(string Zone, string Text);

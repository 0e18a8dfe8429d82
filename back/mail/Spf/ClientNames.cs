using System.Net;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Spf;

/// <summary>The names of the client that its own address records confirm (RFC 7208 section 5.5). Errors here only mean fewer names.</summary>
internal sealed class ClientNames(IRecordResolver resolver, IPAddress client, SpfOptions options, CancellationToken cancellationToken)
{
    private const string Unknown = "unknown";

    public ValueTask<RecordAnswer<string>> FindAsync() => resolver.FindNamesAsync(client, cancellationToken);

    /// <summary>Whether a confirmed name is the target or below it.</summary>
    public async ValueTask<bool> AnyAtOrBelowAsync(IReadOnlyList<string> names, string target)
    {
        for (var i = 0; i < Math.Min(names.Count, options.MaxPointers); i++)
        {
            // Names that would not match need not be confirmed.
            if (IsAtOrBelow(names[i], target) && await IsConfirmedAsync(names[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The macro "p" (section 7.3): rather the domain itself, else a name below it, else any; "unknown" without a confirmed name.</summary>
    public async ValueTask<string> BestAsync(string domain)
    {
        var answer = await FindAsync();
        var best = Unknown;
        var rank = 0;
        for (var i = 0; i < Math.Min(answer.Records.Count, options.MaxPointers); i++)
        {
            var name = answer.Records[i];
            var own = name.Equals(domain, StringComparison.OrdinalIgnoreCase) ? 3 : IsAtOrBelow(name, domain) ? 2 : 1;
            if (own > rank && await IsConfirmedAsync(name))
            {
                (best, rank) = (name, own);
            }
        }

        return best;
    }

    private async ValueTask<bool> IsConfirmedAsync(string name)
    {
        var addresses = await resolver.FindAddressesAsync(name, client.AddressFamily, cancellationToken);
        return addresses.Records.Contains(client);
    }

    private static bool IsAtOrBelow(string name, string target) =>
        name.EndsWith(target, StringComparison.OrdinalIgnoreCase)
        && (name.Length == target.Length || (target.Length > 0 && name[^(target.Length + 1)] == '.'));
}

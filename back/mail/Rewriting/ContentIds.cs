using System.Text;

namespace Smtpy.Mail.Rewriting;

/// <summary>Content-IDs that tell the mailbox's domain, as mail clients make them (RFC 2392).</summary>
internal static class ContentIds
{
    /// <summary>Identifiers of one message that are renamed: a message has as many inline pictures at most.</summary>
    private const int Most = 200;

    public static List<(string Local, TraceReplacement Replacement)> Read(ReadOnlySpan<byte> message, TraceSet traces)
    {
        var found = new List<(string, TraceReplacement)>();
        var rest = message;
        while (found.Count < Most && rest.IndexOf("ontent-"u8) is >= 0 and var offset)
        {
            rest = rest[(offset + 7)..];
            if (rest.Length < 4 || !Ascii.EqualsIgnoreCase(rest[..3], "id:"u8))
            {
                continue;
            }

            var line = rest[3..Math.Min(rest.Length, MessageId.LongestId + 100)];
            var end = line.IndexOf((byte)'>');
            if (end < 0 || end > MessageId.LongestId || MessageId.First(line[..(end + 1)]) is not { } id)
            {
                continue;
            }

            var domain = MessageId.DomainOf(id);
            foreach (var replacement in traces.Replacements)
            {
                if (replacement.IsPrivate && domain.Equals(replacement.Address.Domain, StringComparison.OrdinalIgnoreCase))
                {
                    found.Add((id[1..id.LastIndexOf('@')], replacement));
                    break;
                }
            }
        }

        return found;
    }
}

using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Rewriting;

/// <summary>Which of the identifiers in a reply are the owner's own, and must be hidden, and which the contact knows.</summary>
internal sealed class ReplyThread
{
    private readonly HashSet<string> _marks = new(StringComparer.Ordinal);

    /// <summary>The Message-ID that the owner's client gave; null where it gave none.</summary>
    public string? OwnId { get; private init; }

    public static ReplyThread Read(ReadOnlySpan<byte> header, ReplyRequest request)
    {
        var block = new HeaderBlock(header);
        var thread = new ReplyThread { OwnId = block.TryFind("Message-ID"u8, out var own) ? MessageId.First(own.RawValue) : null };
        if (block.TryFind("References"u8, out var references))
        {
            thread._marks.UnionWith(MessageId.ReadAll(references.RawValue).Where(id => MessageIdSeal.IsMark(id, request.Alias)));
        }

        return thread;
    }

    /// <summary>Identifiers as the contact may see them.</summary>
    public List<string> Outgoing(ReadOnlySpan<byte> value, ReplyRequest request)
    {
        var ids = MessageId.ReadAll(value);
        ids.RemoveAll(id => MessageIdSeal.IsMark(id, request.Alias));
        for (var i = 0; i < ids.Count; i++)
        {
            if (!IsKnownToContact(ids[i], request) && IsOwn(ids[i], request))
            {
                ids[i] = request.MessageIds.Seal(ids[i], request.Alias);
            }
        }

        return ids;
    }

    private bool IsKnownToContact(string id, ReplyRequest request) =>
        MessageIdSeal.IsToken(id, request.Alias) || _marks.Contains(request.MessageIds.Mark(id, request.Alias));

    private bool IsOwn(string id, ReplyRequest request)
    {
        var domain = MessageId.DomainOf(id);
        return domain.IsEmpty
            || (OwnId is not null && domain.Equals(MessageId.DomainOf(OwnId), StringComparison.OrdinalIgnoreCase))
            || request.Hidden.Any(hidden => id.Contains(hidden.Domain, StringComparison.OrdinalIgnoreCase));
    }
}

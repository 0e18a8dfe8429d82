using System.Collections.Frozen;

namespace Smtpy.Mail.Rewriting;

/// <summary>What happens to a header field of a certain name.</summary>
internal enum FieldRole
{
    /// <summary>Leaves the message. What no table names is left out too.</summary>
    Remove = 0,
    Keep = 1,
    From = 2,
    ReplyTo = 3,
    To = 4,
    Cc = 5,
    Subject = 6,
    Date = 7,
    MessageId = 8,
    InReplyTo = 9,
    References = 10,
    ListUnsubscribe = 11,
    ListUnsubscribePost = 12,
}

/// <summary>An allow-list of header fields; docs/forwarding.md gives the reason for each.</summary>
internal sealed class FieldTable
{
    /// <summary>No field of an allow-list has a longer name.</summary>
    private const int LongestName = 76;

    private readonly FrozenDictionary<string, FieldRole>.AlternateLookup<ReadOnlySpan<char>> _roles;

    private FieldTable(IEnumerable<KeyValuePair<string, FieldRole>> roles) =>
        _roles = roles.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Private mode, towards the owner.</summary>
    public static FieldTable Forward { get; } = new(
    [
        .. Common(),
        new("Reply-To", FieldRole.ReplyTo),
        new("List-Id", FieldRole.Keep),
        new("List-Unsubscribe", FieldRole.ListUnsubscribe),
        new("List-Unsubscribe-Post", FieldRole.ListUnsubscribePost),
        new("Precedence", FieldRole.Keep),
        new("Thread-Topic", FieldRole.Keep),
        new("Thread-Index", FieldRole.Keep),
    ]);

    /// <summary>Towards the contact.</summary>
    public static FieldTable Reply { get; } = new(Common());

    public FieldRole RoleOf(ReadOnlySpan<byte> name, IReadOnlySet<string> extra)
    {
        if (name.Length is 0 or > LongestName)
        {
            return FieldRole.Remove;
        }

        Span<char> text = stackalloc char[name.Length];
        System.Text.Encoding.ASCII.GetChars(name, text);
        return _roles.TryGetValue(text, out var role) ? role
            : text.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) ? FieldRole.Keep
            : extra.Count > 0 && extra.Contains(text.ToString()) ? FieldRole.Keep
            : FieldRole.Remove;
    }

    private static List<KeyValuePair<string, FieldRole>> Common() =>
    [
        new("From", FieldRole.From),
        new("To", FieldRole.To),
        new("Cc", FieldRole.Cc),
        new("Subject", FieldRole.Subject),
        new("Date", FieldRole.Date),
        new("Message-ID", FieldRole.MessageId),
        new("In-Reply-To", FieldRole.InReplyTo),
        new("References", FieldRole.References),
        new("MIME-Version", FieldRole.Keep),
        new("Importance", FieldRole.Keep),
        new("Priority", FieldRole.Keep),
        new("X-Priority", FieldRole.Keep),
        new("X-MSMail-Priority", FieldRole.Keep),
        new("Sensitivity", FieldRole.Keep),
        new("Auto-Submitted", FieldRole.Keep),
        new("X-Auto-Response-Suppress", FieldRole.Keep),
    ];
}

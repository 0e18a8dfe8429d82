using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Rewriting;

/// <summary>What private mode has to know of one forward.</summary>
public sealed record ForwardRequest
{
    internal static readonly IReadOnlySet<string> NoFields = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    public required EmailAddress Alias { get; init; }

    /// <summary>
    /// The reverse address of an address; null leaves it out. Asked for no more than <see cref="PrivateForward.Addresses"/>
    /// names and <see cref="EnvelopeSender"/>.
    /// </summary>
    public required Func<EmailAddress, EmailAddress?> ReverseAddress { get; init; }

    /// <summary>Stands for the author where From names no address that can be read. Null for the null sender.</summary>
    public EmailAddress? EnvelopeSender { get; init; }

    public DisplayNameFormat Format { get; init; }

    /// <summary>Opens the tokens that stand for the owner's message identifiers; null leaves all as they are.</summary>
    public MessageIdSeal? MessageIds { get; init; }

    /// <summary>
    /// Puts a mark first in References by which the answer tells the contact's messages from the owner's own. Needs
    /// <see cref="MessageIds"/>.
    /// </summary>
    public bool MarkReferences { get; init; } = true;

    /// <summary>What List-Unsubscribe does. Anything but Keep needs <see cref="UnsubscribeLink"/>.</summary>
    public UnsubscribeChoice Unsubscribe { get; init; }

    /// <summary>The https link with a token (<see cref="UnsubscribeToken"/>) of the choice above.</summary>
    public Uri? UnsubscribeLink { get; init; }

    /// <summary>A new Subject (see <see cref="SubjectTemplate"/>); null leaves it as it is spelt.</summary>
    public string? SubjectTemplate { get; init; }

    /// <summary>Names of fields that are kept beyond the allow-list; compared as the set compares.</summary>
    public IReadOnlySet<string> ExtraFields { get; init; } = NoFields;

    public ForwardLimits Limits { get; init; } = ForwardLimits.Default;
}

/// <summary>Bounds how many contacts one message can make.</summary>
public sealed record ForwardLimits
{
    public static ForwardLimits Default { get; } = new();

    /// <summary>Addresses of To and Cc together that get a reverse address: more on a message is a mass mailing, not a conversation.</summary>
    public int MaxRecipients { get; init; } = 30;

    /// <summary>Addresses of Reply-To, and authors.</summary>
    public int MaxReplyTo { get; init; } = 5;
}

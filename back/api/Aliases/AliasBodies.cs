using Smtpy.Api.Rules;

namespace Smtpy.Api.Aliases;

/// <summary>A new alias.</summary>
/// <param name="Domain">One of domain-options.</param>
/// <param name="LocalPart">Only for the format custom; else ignored.</param>
/// <param name="Description">200 characters at most.</param>
/// <param name="Format">random_characters (default), uuid, random_words, random_male_name, random_female_name, random_noun or custom.</param>
/// <param name="RecipientIds">Ten at most; none: the domain's default recipient.</param>
public sealed record NewAliasBody(string? Domain, string? LocalPart, string? Description, string? Format, IReadOnlyList<Guid>? RecipientIds);

/// <summary>What is to change; what is absent stays, null clears.</summary>
public sealed record AliasEditBody : HandlingBody
{
    /// <summary>200 characters at most.</summary>
    public string? Description { get; set => (field, DescriptionIsGiven) = (value, true); }

    /// <summary>50 characters at most.</summary>
    public string? FromName { get; set => (field, FromNameIsGiven) = (value, true); }

    /// <summary>Mail from others than contacts and senders let through is held.</summary>
    public bool? KnownSendersOnly { get; init; }

    /// <summary>Such as "[{alias}] {subject}"; 200 characters at most.</summary>
    public string? SubjectTemplate { get; set => (field, SubjectTemplateIsGiven) = (value, true); }

    /// <summary>Where a note is put into the text: off, top or bottom.</summary>
    public string? Banner { get; init; }

    /// <summary>Replace the mailbox's address in the text of replies, not only in their header.</summary>
    public bool? CleanReplies { get; init; }

    internal bool SubjectTemplateIsGiven { get; private set; }

    internal bool DescriptionIsGiven { get; private set; }

    internal bool FromNameIsGiven { get; private set; }
}

/// <param name="RecipientIds">Ten at most; none: the domain's default recipient.</param>
public sealed record AliasRecipientsBody(Guid? AliasId, IReadOnlyList<Guid>? RecipientIds);

/// <param name="Ids">25 at most.</param>
/// <param name="RecipientIds">Only for recipients.</param>
public sealed record BulkBody(IReadOnlyList<Guid>? Ids, IReadOnlyList<Guid>? RecipientIds);

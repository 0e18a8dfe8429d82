using Smtpy.Mail.Rewriting;

namespace Smtpy.Core.Rules;

/// <summary>
/// What is done with mail, where it can be chosen. Each alias and each domain has one; what it leaves open (null), the next wider
/// level decides: alias, domain, instance.
/// </summary>
public sealed class MailHandling
{
    public ForwardingMode? Mode { get; set; }

    public DisplayNameFormat? FromFormat { get; set; }

    /// <summary>The sender's domain asks to refuse or quarantine what fails, and it fails.</summary>
    public FailureAction? OnDmarcFail { get; set; }

    /// <summary>SPF says "fail" (not "softfail") and DMARC does not say otherwise.</summary>
    public FailureAction? OnSpfFail { get; set; }

    public UnsubscribeChoice? Unsubscribe { get; set; }
}

/// <summary>Stored as its number: never renumber.</summary>
public enum ForwardingMode
{
    /// <summary>From becomes the contact's reverse address; only listed header fields pass.</summary>
    Private = 0,

    /// <summary>Nothing is touched but the trace; From only where forwarding would fail the sender's DMARC.</summary>
    Transparent = 1,
}

/// <summary>Stored as its number: never renumber.</summary>
public enum FailureAction
{
    /// <summary>Forwarded, with what was found in Authentication-Results.</summary>
    Mark = 0,

    /// <summary>Held: the owner is told and can release it.</summary>
    Quarantine = 1,

    /// <summary>550 5.7.x; the owner sees that it was refused.</summary>
    Reject = 2,
}

/// <summary>Where a note is put into the text of forwarded mail. Stored as its number: never renumber.</summary>
public enum BannerPlace
{
    Off = 0,
    Top = 1,
    Bottom = 2,
}

/// <summary>The instance's answers to what aliases and domains leave open.</summary>
public sealed record MailHandlingDefaults
{
    /// <summary>Private: who hands out aliases wants no trace of the sender's infrastructure and replies that stay private.</summary>
    public ForwardingMode Mode { get; init; } = ForwardingMode.Private;

    public DisplayNameFormat FromFormat { get; init; } = DisplayNameFormat.NameAndDomain;

    /// <summary>Quarantine: forged mail must not arrive, but a bank with a broken record must not be lost (reference: peers' users).</summary>
    public FailureAction OnDmarcFail { get; init; } = FailureAction.Quarantine;

    /// <summary>Mark: SPF alone fails for every forwarder; without DMARC it is a hint.</summary>
    public FailureAction OnSpfFail { get; init; } = FailureAction.Mark;

    /// <summary>Keep: nobody expects a link in a newsletter to change their account.</summary>
    public UnsubscribeChoice Unsubscribe { get; init; } = UnsubscribeChoice.Keep;
}

/// <summary>What holds for one alias once alias, domain and instance have been asked.</summary>
/// <param name="DomainName">The alias's domain.</param>
/// <param name="IsDomainReadyToSend">True where DNS was seen to carry the domain's signing keys: then reverse addresses and signatures are the domain's own.</param>
/// <param name="FromName">Name shown to contacts; null for none.</param>
/// <param name="KnownSendersOnly">Mail from others than contacts is held.</param>
/// <param name="SubjectTemplate">Null: the subject stays.</param>
/// <param name="CleanReplies">Replace the mailbox's address in the text of replies.</param>
public sealed record AliasHandling(
    string DomainName, bool IsDomainReadyToSend, string? FromName, ForwardingMode Mode, DisplayNameFormat FromFormat, FailureAction OnDmarcFail,
    FailureAction OnSpfFail, UnsubscribeChoice Unsubscribe, bool KnownSendersOnly, string? SubjectTemplate, BannerPlace Banner, bool CleanReplies);

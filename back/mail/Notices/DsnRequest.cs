namespace Smtpy.Mail.Notices;

/// <summary>Which notifications the sender of a message asks for (NOTIFY, RFC 3461 section 4.1).</summary>
[Flags]
public enum DsnNotify
{
    Unspecified = 0,
    Never = 1,
    Success = 2,
    Failure = 4,
    Delay = 8,
}

/// <summary>What the sender of a message asks about notifications for one recipient (RFC 3461 section 4).</summary>
/// <param name="OriginalRecipient">ORCPT, decoded, with its address type: "rfc822;jane@shop.example"; null where there was none.</param>
/// <param name="EnvelopeId">ENVID, decoded; null where there was none.</param>
/// <param name="ReturnFull">RET=FULL: the whole message is wanted back with a failure; else its header.</param>
public sealed record DsnRequest(DsnNotify Notify, string? OriginalRecipient, string? EnvelopeId, bool ReturnFull)
{
    /// <summary>Nothing was asked.</summary>
    public static DsnRequest None { get; } = new(DsnNotify.Unspecified, null, null, ReturnFull: false);

    /// <summary>Where nothing was asked, failures and delays are told of (section 4.1).</summary>
    public bool Wants(NotificationAction action)
    {
        var notify = Notify == DsnNotify.Unspecified ? DsnNotify.Failure | DsnNotify.Delay : Notify;
        return notify.HasFlag(action switch
        {
            NotificationAction.Failed => DsnNotify.Failure,
            NotificationAction.Delayed => DsnNotify.Delay,
            _ => DsnNotify.Success,
        });
    }
}

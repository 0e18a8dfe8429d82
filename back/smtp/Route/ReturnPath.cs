namespace Smtpy.Smtp.Route;

/// <summary>What left with a return path, and so what a bounce to it is about.</summary>
public enum ReturnPathKind
{
    /// <summary>Mail to an alias on its way to a mailbox.</summary>
    Forward = 0,

    /// <summary>Mail from a mailbox through an alias to a contact.</summary>
    Reply = 1,

    /// <summary>A notice of ours to an owner.</summary>
    Notice = 2,
}

/// <summary>What an address is as a return path.</summary>
public enum ReturnPathStanding
{
    /// <summary>Not of the form. At a domain that has aliases it may be one of them.</summary>
    NotOurs = 0,

    /// <summary>We made it, and it is in time.</summary>
    Valid = 1,

    /// <summary>We made it, too long ago. What it names is known all the same.</summary>
    Expired = 2,

    /// <summary>Of the form, but not made by us for this domain: invented, altered, or made under another SECRET_KEY.</summary>
    Forged = 3,
}

/// <summary>A return path as it was read.</summary>
/// <param name="Standing">The other values say something only where this is Valid or Expired.</param>
/// <param name="MessageId">0 where the address is not ours.</param>
/// <param name="Ordinal">The delivery; null in addresses of the first form, which name the message alone.</param>
/// <param name="Kind">What it was that left.</param>
public readonly record struct ReturnPath(ReturnPathStanding Standing, long MessageId, int? Ordinal, ReturnPathKind Kind)
{
    public bool IsValid => Standing == ReturnPathStanding.Valid;
}

using System.Text.Json;

namespace Smtpy.Smtp.Receive;

/// <summary>Why a connection, a recipient or a message was refused; in logs and metrics in snake case.</summary>
public enum Refusal
{
    UnknownAlias = 0,
    Relaying = 1,
    AliasDisabled = 2,
    AliasDeferred = 3,
    ConnectionLimit = 4,
    MessageRate = 5,
    RecipientRate = 6,
    Loop = 7,
    Storage = 8,
    StorageFull = 9,
    HeaderTooLarge = 10,

    /// <summary>DMARC fails, and the alias, its domain or the instance refuses such mail.</summary>
    Dmarc = 11,
    Spf = 12,
    BlockedSender = 13,
    Spam = 14,
    Dnsbl = 15,
    Greylisted = 16,

    /// <summary>To a reverse address, but not from somebody who may use it.</summary>
    ReplyNotAuthenticated = 17,
    SubmissionSender = 18,
    SubmissionRate = 19,

    /// <summary>More octets than are taken, announced or sent.</summary>
    TooLarge = 20,

    /// <summary>A NUL, or a CR or LF alone.</summary>
    BadOctets = 21,

    /// <summary>The connection ended inside the message: nobody was there to be answered.</summary>
    CutOff = 22,

    /// <summary>All messages under way together hold what they may of memory.</summary>
    Memory = 23,
}

/// <summary>The words that logs use.</summary>
public static class RefusalWords
{
    private static readonly string[] Words = [.. Enum.GetNames<Refusal>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public static string Word(this Refusal refusal) => Words[(int)refusal];
}

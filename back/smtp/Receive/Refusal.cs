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
    RequireTls = 8,
    Storage = 9,
    StorageFull = 10,
}

/// <summary>The words that logs use.</summary>
public static class RefusalWords
{
    private static readonly string[] Words = [.. Enum.GetNames<Refusal>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public static string Word(this Refusal refusal) => Words[(int)refusal];
}

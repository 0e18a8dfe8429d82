namespace Smtpy.Mail.Server.Sasl;

internal enum SaslStatus
{
    /// <summary>The client is asked something.</summary>
    Challenge,
    Succeeded,

    /// <summary>The user is unknown or the password wrong; nobody is told which.</summary>
    Failed,

    /// <summary>What came is no message of the mechanism.</summary>
    Malformed,

    /// <summary>The policy lets nobody try.</summary>
    Refused,

    /// <summary>Too many others are being checked.</summary>
    Busy,

    /// <summary>Credentials or policy failed.</summary>
    Unavailable,
}

/// <summary>A mechanism's answer to one message of the client.</summary>
internal readonly record struct SaslStep(SaslStatus Status)
{
    /// <summary>Not encoded yet.</summary>
    public ReadOnlyMemory<byte> Challenge { get; init; }

    /// <summary>With <see cref="SaslStatus.Succeeded"/>.</summary>
    public SmtpIdentity? Identity { get; init; }

    /// <summary>With <see cref="SaslStatus.Refused"/> and <see cref="SaslStatus.Unavailable"/>.</summary>
    public SmtpReply? Refusal { get; init; }

    public static SaslStep Ask(ReadOnlyMemory<byte> challenge) => new(SaslStatus.Challenge) { Challenge = challenge };
}

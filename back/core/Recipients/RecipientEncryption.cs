using System.Diagnostics.CodeAnalysis;
using Smtpy.Mail.Encryption;

namespace Smtpy.Core.Recipients;

/// <summary>Whether, and to which key, a recipient's mail is encrypted.</summary>
public sealed class RecipientEncryption
{
    private RecipientEncryption(RecipientKey? key, string? fault, bool protectSubject, byte[] identity) =>
        (Key, Fault, ProtectSubject, Identity) = (key, fault, protectSubject, identity);

    /// <summary>Mail goes as it is.</summary>
    public static RecipientEncryption None { get; } = new(null, null, false, []);

    public RecipientKey? Key { get; }

    /// <summary>Mail is to be encrypted and there is no key it could be encrypted to: one sentence that says why. Nothing may leave in clear.</summary>
    public string? Fault { get; }

    public bool ProtectSubject { get; }

    /// <summary>The key as it was uploaded: equal octets, equal key.</summary>
    private byte[] Identity { get; }

    [MemberNotNullWhen(true, nameof(Key))]
    public bool IsUsable => Key is not null;

    public bool IsWanted => Key is not null || Fault is not null;

    /// <summary>One encrypted message serves both.</summary>
    public bool IsSame(RecipientEncryption other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsWanted == other.IsWanted && ProtectSubject == other.ProtectSubject && Identity.AsSpan().SequenceEqual(other.Identity);
    }

    internal static RecipientEncryption Of(EncryptionKind kind, byte[]? key, bool protectSubject, DateTimeOffset now)
    {
        if (kind == EncryptionKind.None)
        {
            return None;
        }

        if (key is null)
        {
            return new RecipientEncryption(null, "The recipient's mail is to be encrypted, and there is no key.", protectSubject, []);
        }

        var read = RecipientKeyReader.Read(key, now);
        return new RecipientEncryption(read.Key, read.Reason, protectSubject, key);
    }
}

using System.Text;

namespace Smtpy.Mail.Dkim;

/// <summary>A key record (RFC 6376 section 3.6.1).</summary>
internal sealed class KeyRecord
{
    // An 8,192-bit key takes 1,400; the rest is for notes.
    private const int MaxLength = 8192;

    /// <summary>Why the record cannot be used; null where it can.</summary>
    public string? Fault { get; private init; }

    /// <summary>Set where there is no <see cref="Fault"/>.</summary>
    public PublicKey? Key { get; private init; }

    /// <summary>p=, without white space; null where there is none.</summary>
    public string? PublicText { get; private init; }

    /// <summary>t=y.</summary>
    public bool IsTesting { get; private init; }

    /// <summary>t=s: i= must be of the very domain d=.</summary>
    public bool IsStrict { get; private init; }

    public static KeyRecord Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            return new KeyRecord { Fault = "the key record is too long" };
        }

        if (!TagList.TryParse(Encoding.UTF8.GetBytes(text), out var list, out var reason))
        {
            return new KeyRecord { Fault = "the key record has bad syntax: " + reason };
        }

        var fault = CheckUse(list);
        var flags = list.Parts("t"u8) ?? [];
        var key = fault is null ? ReadKey(list, out fault) : null;
        return new KeyRecord
        {
            Fault = fault,
            Key = key,
            PublicText = list.Compact("p"u8),
            IsTesting = flags.Contains("y"),
            IsStrict = flags.Contains("s"),
        };
    }

    private static string? CheckUse(TagList list)
    {
        if (list.Has("v"u8) && !(list.FirstName.SequenceEqual("v"u8) && list.Text("v"u8) == "DKIM1"))
        {
            return "the key record is not of version DKIM1";
        }

        if (list.Parts("h"u8) is { } hashes && !Names(hashes, "sha256"))
        {
            return "the key is not for sha256";
        }

        return list.Parts("s"u8) is { } services && !Names(services, "*") && !Names(services, "email") ? "the key is not for e-mail" : null;
    }

    private static bool Names(string[] list, string name) =>
        list.Any(one => one.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static PublicKey? ReadKey(TagList list, out string? fault)
    {
        fault = null;
        var text = list.Compact("p"u8);
        if (string.IsNullOrEmpty(text))
        {
            fault = text is null ? "the key record has no key" : "the key is revoked";
            return null;
        }

        var type = list.Text("k"u8) ?? "rsa";
        var isRsa = type.Equals("rsa", StringComparison.OrdinalIgnoreCase);
        if (!isRsa && !type.Equals("ed25519", StringComparison.OrdinalIgnoreCase))
        {
            fault = "the key is of an unknown type";
            return null;
        }

        var octets = new byte[text.Length];
        var key = Convert.TryFromBase64String(text, octets, out var length)
            ? isRsa ? PublicKey.ReadRsa(octets[..length]) : PublicKey.ReadEd25519(octets[..length])
            : null;
        fault = key is null ? "the key is malformed" : null;
        return key;
    }
}

using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Dkim;

/// <summary>Which header fields are signed, and which are also guarded against being added later (RFC 6376 sections 5.4 and 8.15).</summary>
public sealed record SignedFields
{
    /// <summary>Instances of one field that are signed, from the bottom. 10: only trace fields repeat more often, and they are not signed.</summary>
    public int MaxInstances { get; init; } = 10;

    /// <summary>
    /// Signed as often as there, and once more: what a mail program shows or acts on and no honest relay adds. Another From or Subject put on
    /// top would be shown while the signature stays valid.
    /// </summary>
    public IReadOnlyList<string> Guarded { get; init; } =
    [
        "From", "Reply-To", "Subject", "Date", "To", "Cc", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    ];

    /// <summary>
    /// Signed as often as there. The List fields because RFC 8058 section 4 asks for it; another one may be added by a list
    /// that mail passes through.
    /// </summary>
    public IReadOnlyList<string> Present { get; init; } =
    [
        "Sender", "Resent-Date", "Resent-From", "Resent-To", "Resent-Cc", "List-Id", "List-Help", "List-Unsubscribe",
        "List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner", "List-Archive", "Auto-Submitted",
    ];

    /// <summary>Those that both DKIM and ARC leave out, because every host adds its own: Return-Path, Received, Authentication-Results.</summary>
    public static SignedFields Default { get; } = new();

    /// <summary>
    /// For an ARC-Message-Signature: DKIM signatures too, and nothing guarded, since this signature is to hold for as
    /// many honest changes as possible (RFC 8617 section 4.1.2).
    /// </summary>
    public static SignedFields Arc { get; } = Default with
    {
        Guarded = [],
        Present = [.. Default.Guarded, .. Default.Present, "DKIM-Signature"],
    };

    internal List<ReadOnlyMemory<byte>> Choose(HeaderIndex header)
    {
        List<ReadOnlyMemory<byte>> names = [];
        foreach (var name in Guarded)
        {
            Add(names, header, name, more: 1);
        }

        foreach (var name in Present)
        {
            Add(names, header, name, more: 0);
        }

        return names;
    }

    private void Add(List<ReadOnlyMemory<byte>> names, HeaderIndex header, string name, int more)
    {
        var octets = Encoding.ASCII.GetBytes(name.ToLowerInvariant());
        var count = more;
        for (var index = header.Last(octets); index >= 0 && count < MaxInstances + more; index = header.Previous(index))
        {
            count++;
        }

        for (; count > 0; count--)
        {
            names.Add(octets);
        }
    }
}

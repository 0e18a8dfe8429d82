using System.Text;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Arc;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Bounces;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Encryption;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Rewriting;
using Smtpy.Mail.Spf;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Fuzz;

/// <summary>Reads any octets and must not throw, hang or allocate without bound.</summary>
public delegate void FuzzTarget(ReadOnlySpan<byte> input);

/// <summary>
/// Every parser of octets from strangers, one line each; its name is also its folder under corpus. The smoke runs all.
/// </summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, FuzzTarget> All { get; } = new SortedDictionary<string, FuzzTarget>(StringComparer.Ordinal)
    {
        ["address-list"] = static input => _ = AddressList.Parse(input),
        ["address"] = static input => _ = EmailAddress.TryParse(Encoding.UTF8.GetString(input), out _),
        ["authentication-results"] = static input => _ = AuthenticationResultsParser.TryParse(input, out _),
        ["bounce"] = static input => _ = new BounceReader().Read(input.ToArray(), nullSender: true),
        ["dkim-signatures"] = ReadSignatures,
        ["dkim-tag-list"] = static input => _ = TagList.TryParse(input.ToArray(), out _, out _),
        ["dmarc-record"] = static input => _ = DmarcRecordParser.Parse(Encoding.Latin1.GetString(input)),
        ["domain"] = static input => _ = DomainName.TryNormalize(Encoding.UTF8.GetString(input), out _),
        ["encrypted-content"] = static input => _ = EncryptedContent.IsIn(input),
        ["header-block"] = ReadHeader,
        ["private-forward"] = Forward,
        ["recipient-key"] = static input => _ = RecipientKeyReader.Read(input, DateTimeOffset.UnixEpoch.AddYears(61)),
        ["rewritten-sender"] = static input => _ = RewrittenSender.TryRead(Encoding.UTF8.GetString(input), out _),
        ["spf-record"] = ReadSpf,
        ["sts-policy"] = static input => _ = StsPolicy.TryParse(Encoding.Latin1.GetString(input), out _, out _),
    };

    private static void ReadSpf(ReadOnlySpan<byte> input)
    {
        var text = Encoding.Latin1.GetString(input);
        if (SpfRecordParser.IsRecord(text))
        {
            _ = SpfRecordParser.TryParse(text, out _, out _);
        }
    }

    private static void ReadSignatures(ReadOnlySpan<byte> input)
    {
        var header = new HeaderIndex(input.ToArray());
        _ = DkimSignatures.Read(header, new DkimVerifierOptions()).Count;
        _ = ArcChain.Read(header, new DkimVerifierOptions()).Instances;
    }

    /// <summary>What goes out must be a header whatever came in: whole lines, and none that could begin a new one.</summary>
    private static void Forward(ReadOnlySpan<byte> input)
    {
        var forwarded = PrivateForward.Rewrite(input.ToArray(), new ForwardRequest { Alias = Known.Alias, ReverseAddress = static _ => Known.Reverse }).Span;
        foreach (var field in new HeaderBlock(forwarded))
        {
            if (field.Name.IsEmpty || !field.Raw.EndsWith("\r\n"u8) || field.Raw.Contains((byte)0))
            {
                throw new InvalidOperationException("A line that is no field goes out.");
            }
        }
    }

    /// <summary>Made at first use: instrumented code must not run before the map of branches is there.</summary>
    private static class Known
    {
        public static readonly EmailAddress Alias = Of("shop@alias.example");
        public static readonly EmailAddress Reverse = Of("abcdefghijklmnopqrstuvwx@alias.example");

        private static EmailAddress Of(string text) =>
            EmailAddress.TryParse(text, out var address) ? address : throw new InvalidOperationException(text);
    }

    private static void ReadHeader(ReadOnlySpan<byte> input)
    {
        var octets = 0;
        var block = new HeaderBlock(input);
        foreach (var field in block)
        {
            octets += field.Raw.Length;
            _ = field.Value();
            if (field.Name.Length + field.RawValue.Length > field.Raw.Length)
            {
                throw new InvalidOperationException("A field is shorter than its parts.");
            }
        }

        if (octets != block.Length)
        {
            throw new InvalidOperationException("An octet of the header belongs to no field.");
        }
    }
}

using MimeKit;

namespace Smtpy.Mail.Bounces;

/// <summary>What a report returns of the original message.</summary>
internal static class ReturnedMessages
{
    /// <summary>Fields looked at. 200: far more than mail has, far fewer than a hostile one could.</summary>
    private const int MaxFields = 200;

    /// <summary>Delivered-To fields kept. 10: a chain of forwarders.</summary>
    private const int MaxDeliveredTo = 10;

    public static ReturnedMessage? FromHeaders(IEnumerable<Header> headers, BounceReaderOptions options) =>
        From(headers.Take(MaxFields).Select(static header => (header.Field, header.Value)), options);

    public static ReturnedMessage? FromOctets(ReadOnlySpan<byte> octets, BounceReaderOptions options)
    {
        var fields = new List<(string, string)>();
        foreach (var field in new Headers.HeaderBlock(octets))
        {
            if (fields.Count == MaxFields)
            {
                break;
            }

            fields.Add((System.Text.Encoding.ASCII.GetString(field.Name), field.Value()));
        }

        return From(fields, options);
    }

    /// <summary>A copy in the text itself, perhaps indented or quoted; it begins with whatever line announced it.</summary>
    public static ReturnedMessage? FromText(string copy, BounceReaderOptions options)
    {
        var fields = new List<(string, string)>();
        foreach (var line in copy.AsSpan().EnumerateLines())
        {
            var text = line.TrimStart(" \t>");
            var colon = text.IndexOf(':');
            if (fields.Count == MaxFields)
            {
                break;
            }

            if (colon > 0)
            {
                fields.Add((text[..colon].ToString(), text[(colon + 1)..].Trim().ToString()));
            }
        }

        return From(fields, options);
    }

    private static ReturnedMessage? From(IEnumerable<(string Name, string Value)> fields, BounceReaderOptions options)
    {
        string? messageId = null, subject = null;
        var deliveredTo = new List<string>();
        foreach (var (name, value) in fields)
        {
            if (name.Equals("Message-ID", StringComparison.OrdinalIgnoreCase))
            {
                messageId ??= MessageId(value, options);
            }
            else if (name.Equals("Subject", StringComparison.OrdinalIgnoreCase))
            {
                subject ??= ReportFields.OneLine(value, options.MaxTextLength);
            }
            else if (name.Equals("Delivered-To", StringComparison.OrdinalIgnoreCase) && deliveredTo.Count < MaxDeliveredTo)
            {
                deliveredTo.Add(ReportFields.OneLine(value, options.MaxTextLength));
            }
        }

        return messageId is null && subject is null && deliveredTo.Count == 0 ? null : new ReturnedMessage(messageId, deliveredTo, subject);
    }

    private static string? MessageId(string value, BounceReaderOptions options)
    {
        var text = ReportFields.OneLine(value, options.MaxTextLength);
        var start = text.IndexOf('<', StringComparison.Ordinal);
        var end = start < 0 ? -1 : text.IndexOf('>', start);
        return end > start + 1 ? text[start..(end + 1)] : null;
    }
}

using System.Text;
using Smtpy.Mail.AuthenticationResults;

namespace Smtpy.Smtp.Rewrite;

/// <summary>Our fields on top of a forward.</summary>
internal static class ForwardTrace
{
    /// <summary>
    /// Delivered-To (RFC 9228) names the alias for the reader, and is the trace that our loop guard looks for. Authentication-Results
    /// (RFC 8601), where the message was judged, is for the owner's mail program and filters.
    /// </summary>
    public static ReadOnlyMemory<byte> Write(Forwarding forwarding, string hostname)
    {
        ReadOnlyMemory<byte> deliveredTo = Encoding.UTF8.GetBytes($"Delivered-To: {TraceAddress.Write(forwarding.Delivery.AliasAddress)}\r\n");
        return forwarding.Judgement.Results.Length == 0
            ? deliveredTo
            : Draft.Concat(deliveredTo, forwarding.Judgement.Written is { } written
                ? written.Field
                : AuthenticationResultsWriter.Write(hostname, forwarding.Judgement.ReadResults()));
    }
}

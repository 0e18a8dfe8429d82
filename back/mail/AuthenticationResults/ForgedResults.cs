using Smtpy.Mail.Headers;

namespace Smtpy.Mail.AuthenticationResults;

/// <summary>Finds Authentication-Results that claim to be ours and came from outside (RFC 8601 section 5).</summary>
public static class ForgedResults
{
    private static ReadOnlySpan<byte> FieldName => "Authentication-Results"u8;

    /// <summary>
    /// Whether this field must be removed before the message goes on: its authserv-id is ours in any spelling, or it is broken
    /// before one, so that another reader might find ours in it.
    /// </summary>
    public static bool IsForged(HeaderField field, string authservId)
    {
        ArgumentNullException.ThrowIfNull(authservId);
        if (!field.Is(FieldName))
        {
            return false;
        }

        var reader = new StructuredReader(field.RawValue);
        var claimed = AuthenticationResultsParser.ReadAuthservId(ref reader);
        return claimed.Length == 0 || reader.IsBroken
            || claimed.AsSpan().Trim().TrimEnd('.').Equals(authservId.AsSpan().TrimEnd('.'), StringComparison.OrdinalIgnoreCase);
    }
}

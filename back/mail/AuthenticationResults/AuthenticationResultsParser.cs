using System.Diagnostics.CodeAnalysis;

namespace Smtpy.Mail.AuthenticationResults;

/// <summary>Reads Authentication-Results (RFC 8601 section 2.2) as others write it: comments anywhere, and results that cannot be read are passed over.</summary>
public static class AuthenticationResultsParser
{
    /// <summary>Results read; the rest is passed over. 100: ten methods of ten signatures.</summary>
    public const int MaxResults = 100;

    /// <summary>Properties read of one result; the rest is passed over. 32: four times what any method defines.</summary>
    public const int MaxProperties = 32;

    /// <param name="value">What follows the colon, folding included.</param>
    /// <returns>False where it does not begin with an authserv-id.</returns>
    public static bool TryParse(ReadOnlySpan<byte> value, [NotNullWhen(true)] out AuthenticationResultsContent? content)
    {
        content = null;
        var reader = new StructuredReader(value);
        var authservId = ReadAuthservId(ref reader);
        if (authservId.Length == 0 || reader.IsBroken)
        {
            return false;
        }

        List<AuthenticationResult> results = [];
        reader.SkipToSemicolon();
        while (reader.TryTake(';') && results.Count < MaxResults)
        {
            if (ReadResult(ref reader) is { } result)
            {
                results.Add(result);
            }

            reader.SkipToSemicolon();
        }

        content = new AuthenticationResultsContent(authservId, results);
        return true;
    }

    /// <summary>The grammar has a token or a quoted string; names with octets beyond a token's exist as well.</summary>
    internal static string ReadAuthservId(ref StructuredReader reader) => reader.Value(":/@[]"u8);

    private static AuthenticationResult? ReadResult(ref StructuredReader reader)
    {
        var method = reader.Token();
        if (method.Length == 0)
        {
            return null;
        }

        if (reader.TryTake('/'))
        {
            reader.Token();
        }

        // "none" alone, or something else that is no result.
        if (!reader.TryTake('='))
        {
            return null;
        }

        var word = reader.Token();
        if (word.Length == 0)
        {
            return null;
        }

        var result = new AuthenticationResult(method.ToLowerInvariant(), word.ToLowerInvariant());
        return ReadRest(ref reader, result);
    }

    private static AuthenticationResult ReadRest(ref StructuredReader reader, AuthenticationResult result)
    {
        List<AuthenticationProperty> properties = [];
        string? reason = null;
        while (properties.Count < MaxProperties)
        {
            // A token may hold dots: "header.d" is one, "header . d" are three.
            var name = reader.Token();
            if (reader.TryTake('.'))
            {
                name = name + "." + reader.Token();
            }

            if (name.EndsWith('.'))
            {
                name += reader.Token();
            }

            if (name.Length == 0 || !reader.TryTake('='))
            {
                break;
            }

            var value = reader.Value("@:/=<>[],?"u8);
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0)
            {
                properties.Add(new AuthenticationProperty(name[..dot].ToLowerInvariant(), name[(dot + 1)..].ToLowerInvariant(), value));
            }
            else if (name.Equals("reason", StringComparison.OrdinalIgnoreCase))
            {
                reason = value;
            }
        }

        return result with { Reason = reason, Properties = properties };
    }
}

namespace Smtpy.Mail.AuthenticationResults;

/// <summary>What one method said (a resinfo of RFC 8601 section 2.2).</summary>
/// <param name="Method">spf, dkim, dmarc, arc …, lower case.</param>
/// <param name="Result">pass, fail …, lower case.</param>
public sealed record AuthenticationResult(string Method, string Result)
{
    /// <summary>Why, for programs; null for none.</summary>
    public string? Reason { get; init; }

    /// <summary>A remark for people; null for none. A parsed field has none: comments are passed over.</summary>
    public string? Comment { get; init; }

    public IReadOnlyList<AuthenticationProperty> Properties { get; init; } = [];

    /// <summary>The first property of this type and name; null where there is none.</summary>
    public string? Find(string type, string name)
    {
        foreach (var property in Properties)
        {
            if (property.Type.Equals(type, StringComparison.OrdinalIgnoreCase) && property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return property.Value;
            }
        }

        return null;
    }
}

/// <summary>What a result is about: smtp.mailfrom, header.d …</summary>
public sealed record AuthenticationProperty(string Type, string Name, string Value);

/// <summary>The content of an Authentication-Results field.</summary>
/// <param name="AuthservId">Who judged, as spelt.</param>
/// <param name="Results">Empty for "none".</param>
public sealed record AuthenticationResultsContent(string AuthservId, IReadOnlyList<AuthenticationResult> Results);

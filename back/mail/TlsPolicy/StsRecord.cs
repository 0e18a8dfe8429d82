using System.Buffers;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>The TXT record at "_mta-sts.DOMAIN" (RFC 8461 section 3.1): says that there is a policy, and which edition.</summary>
public static class StsRecord
{
    private const string Version = "v=STSv1";
    private const int MaxId = 32;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    /// <param name="texts">All TXT records of the name.</param>
    /// <returns>The id; null where the domain has no policy: no record of the version, more than one, or a broken one.</returns>
    public static string? FindId(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        string? only = null;
        foreach (var text in texts)
        {
            if (!IsOfVersion(text))
            {
                continue;
            }

            if (only is not null)
            {
                return null;
            }

            only = text;
        }

        return only is null ? null : ParseId(only);
    }

    /// <summary>"v=STSv1" and a semicolon; whatever else stands at that name is not meant for us.</summary>
    private static bool IsOfVersion(string text) =>
        text.StartsWith(Version, StringComparison.Ordinal) && text.AsSpan(Version.Length).TrimStart(" \t").StartsWith(";");

    private static string? ParseId(string text)
    {
        string? id = null;
        var rest = text.AsSpan();
        foreach (var range in rest.Split(';'))
        {
            var field = rest[range].Trim(" \t");
            if (id is null && field.StartsWith("id="))
            {
                id = field[3..].ToString();
            }
        }

        return id is { Length: > 0 and <= MaxId } && !id.AsSpan().ContainsAnyExcept(IdCharacters) ? id : null;
    }
}

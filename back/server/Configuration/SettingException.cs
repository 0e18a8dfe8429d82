namespace Smtpy.Server.Configuration;

/// <summary>A setting with a value that cannot be used. The message is one line: name, value, what is accepted.</summary>
public sealed class SettingException(string name, string value, string accepted)
    : Exception($"{name}={Shown(name, value)} is not accepted: {accepted}")
{
    /// <summary>Secrets may be part of these values and must not reach a terminal or a log.</summary>
    private static string Shown(string name, string value)
    {
        var isPath = name.EndsWith("_FILE", StringComparison.Ordinal);
        if (!isPath && (name.Contains("PASSWORD", StringComparison.Ordinal) || name.Contains("SECRET", StringComparison.Ordinal)))
        {
            return value.Length == 0 ? "\"\"" : "(hidden)";
        }

        // In a URL that cannot be read, anything may be the password.
        if (name.EndsWith("_URL", StringComparison.Ordinal) && name != "PUBLIC_URL")
        {
            var end = value.IndexOf(':', StringComparison.Ordinal);
            return end > 0 ? '"' + value[..(end + 1)] + "…\"" : "(hidden)";
        }

        var at = value.LastIndexOf('@');
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        var shown = at > scheme && scheme > 0 ? string.Concat(value.AsSpan(0, scheme + 3), "***", value.AsSpan(at)) : value;
        return '"' + shown.ReplaceLineEndings(" ") + '"';
    }
}

using System.Text.Json;
using Smtpy.Core.Backups;

namespace Smtpy.Server.Configuration;

/// <summary>Where settings come from: the environment first, <c>smtpy.json</c> in the data folder second.</summary>
public static class SettingSource
{
    public const string FileName = BackupContents.Settings;

    /// <summary>What names of settings begin with. SMTPY_ is not among them: scripts and tests have variables of their own there.</summary>
    private static readonly string[] Prefixes = ["SMTP_", "SUBMISSION_", "SUBMISSIONS_", "CAPTURE_", "RETENTION_", "TLS_", "API_", "LOG_", "ARC_", "DKIM_", "RSPAMD_", "GREYLIST_"];

    /// <exception cref="SettingException">The file is there and cannot be read as an object of names and plain values.</exception>
    /// <param name="names">Names of all environment variables, to find those that look like ours and are not.</param>
    /// <param name="fileFolder">Where the file is; null: in the data folder.</param>
    public static SettingReader Open(Func<string, string?> environment, IEnumerable<string>? names = null, string? fileFolder = null)
    {
        var file = ReadFile(Path.Combine(fileFolder ?? DataFolder(environment), FileName));
        return new SettingReader(
            name => environment(name) is { Length: > 0 } value ? value : file.GetValueOrDefault(name),
            [.. (names ?? []).Where(LooksLikeOurs).Union(file.Keys, StringComparer.Ordinal)]);
    }

    /// <summary>The file lies in it, so the environment alone says where it is.</summary>
    public static string DataFolder(Func<string, string?> environment) =>
        environment("SMTPY_DATA") is { Length: > 0 } folder ? folder : Settings.DefaultDataFolder;

    private static bool LooksLikeOurs(string name) =>
        Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static Dictionary<string, string> ReadFile(string path)
    {
        const string accepted = "a JSON object of setting names and their values, such as {\"SMTP_HOSTNAME\": \"mx.example.org\"}";
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return settings;
        }

        try
        {
            var options = new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
            using var document = JsonDocument.Parse(File.ReadAllText(path), options);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    throw new SettingException(path, property.Name, accepted);
                }

                settings[property.Name] = property.Value.ToString();
            }

            return settings;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new SettingException(path, wrong.Message, accepted);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(path, wrong.Message, "a file that this user can read");
        }
    }
}

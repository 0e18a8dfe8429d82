using System.Collections.Concurrent;

namespace Smtpy.Tests.Support.Processes;

/// <summary>
/// Data folders on SQLite with one account and one verified domain. Made by the commands that an operator would use, once for each domain,
/// and copied after that: three starts of the program, one of which makes keys, are most of what preparing a server costs.
/// </summary>
internal static class PreparedData
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Made = new(StringComparer.Ordinal);
    private static readonly ConcurrentBag<TempFolder> Folders = [];

    static PreparedData() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Array.ForEach([.. Folders], static folder => folder.Dispose());

    /// <param name="settings">Of the server that it is for; keys are sealed with SECRET_KEY where there is one.</param>
    public static async Task CopyAsync(string domain, IReadOnlyDictionary<string, string?> settings, string folder)
    {
        var secret = settings.GetValueOrDefault("SECRET_KEY");
        var made = await Made.GetOrAdd($"{domain}\n{secret}", _ => new Lazy<Task<string>>(() => MakeAsync(domain, secret))).Value;
        foreach (var file in Directory.GetFiles(made))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    private static async Task<string> MakeAsync(string domain, string? secret)
    {
        var folder = new TempFolder("prepared");
        Folders.Add(folder);
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["SECRET_KEY"] = secret }, folder.Path);
        await smtpy.MakeDomainAsync(domain);
        return folder.Path;
    }
}

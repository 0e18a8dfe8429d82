namespace Smtpy.Server.Commands;

/// <summary>Why a file cannot be used, for a person.</summary>
internal static class FileProblem
{
    /// <summary>"cannot read /nope/x: no such folder".</summary>
    public static string Reading(string path, Exception failure) => $"cannot read {path}: {Reason(path, failure)}";

    /// <summary>"cannot write /nope/x: it is there already".</summary>
    public static string Writing(string path, Exception failure) => $"cannot write {path}: {Reason(path, failure)}";

    private static string Reason(string path, Exception failure) => failure switch
    {
        DirectoryNotFoundException => "no such folder",
        FileNotFoundException => "no such file",
        _ when Directory.Exists(path) => "it is a folder",
        UnauthorizedAccessException => "not allowed",
        _ => failure.Message,
    };
}

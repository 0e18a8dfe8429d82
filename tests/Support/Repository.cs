namespace Smtpy.Tests.Support;

/// <summary>Where the sources and the built executable are.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The built <c>smtpy</c>, of the same configuration as these tests; <c>SMTPY_EXECUTABLE</c> names another.</summary>
    /// <exception cref="FileNotFoundException">It was not built.</exception>
    public static string SmtpyExecutable
    {
        get
        {
            var path = Environment.GetEnvironmentVariable("SMTPY_EXECUTABLE")
                ?? Path.Combine(Root, "back", "server", "bin", Configuration, "net10.0", "smtpy");
            return File.Exists(path)
                ? path
                : throw new FileNotFoundException($"{path} is missing: dotnet build back/server -c {Configuration}");
        }
    }

    private static string Configuration =>
        AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Smtpy.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Smtpy.slnx is in no folder above " + AppContext.BaseDirectory);
    }
}

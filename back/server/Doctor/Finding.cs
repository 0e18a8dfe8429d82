namespace Smtpy.Server.Doctor;

internal enum Verdict
{
    Ok,

    /// <summary>Works, but not as a public mail server should.</summary>
    Warning,
    Broken,
}

/// <param name="About">What was looked at: "database", "port 1025" …</param>
/// <param name="Detail">What was found, and for anything but Ok what to do.</param>
internal sealed record Finding(string About, Verdict Verdict, string Detail)
{
    public static Finding Ok(string about, string detail) => new(about, Verdict.Ok, detail);

    public static Finding Warning(string about, string detail) => new(about, Verdict.Warning, detail);

    public static Finding Broken(string about, string detail) => new(about, Verdict.Broken, detail);
}

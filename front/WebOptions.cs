namespace Smtpy.Web;

/// <summary>What the pages need to know of the instance they belong to.</summary>
public sealed record WebOptions
{
    /// <summary>The instance's own address. Its host is the one name, besides localhost, that the capture pages answer to.</summary>
    public Uri PublicUrl { get; init; } = new("http://localhost:8000");

    /// <summary>Host and port of the SMTP listener, as the empty mailbox tells newcomers to reach it.</summary>
    public string SmtpServer { get; init; } = "localhost:1025";

    public CaptureAccess CaptureAccess { get; init; } = new();
}

/// <summary>
/// Who may see the capture mailbox. It shows all mail of the instance to whoever can open it, without signing in, so
/// unless the operator says otherwise it answers this machine only.
/// </summary>
public sealed record CaptureAccess
{
    /// <summary>True (<c>CAPTURE_WEB=any</c>): clients on other machines are answered too.</summary>
    public bool AllowRemote { get; init; }
}

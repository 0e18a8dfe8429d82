using System.Net;
using Smtpy.Mail.Server;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Hosting;

/// <summary>The SMTP listeners and the settings they come from.</summary>
internal static class MailListeners
{
    public static IReadOnlyList<SmtpListener> Of(Settings settings) =>
        [.. Configured(settings).Where(static listener => listener.EndPoint is not null)
            .Select(static listener => new SmtpListener(listener.Kind, listener.EndPoint!))];

    public static string Setting(ListenerKind kind) => kind switch
    {
        ListenerKind.Submission => "SUBMISSION_LISTEN",
        ListenerKind.SubmissionTls => "SUBMISSIONS_LISTEN",
        _ => "SMTP_LISTEN",
    };

    /// <summary>As people read it: "0.0.0.0:1025, submission 0.0.0.0:1587, submissions 0.0.0.0:1465".</summary>
    public static string Describe(IEnumerable<SmtpListener> listeners) => string.Join(", ", listeners.Select(static listener => listener.Kind switch
    {
        ListenerKind.Submission => $"submission {listener.EndPoint}",
        ListenerKind.SubmissionTls => $"submissions {listener.EndPoint}",
        _ => listener.EndPoint.ToString(),
    }));

    /// <summary>How programs on this machine reach a listener: by loopback where it listens on every address.</summary>
    public static IPEndPoint OnThisMachine(IPEndPoint listener) =>
        listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.Loopback, listener.Port) : listener;

    private static IEnumerable<(ListenerKind Kind, IPEndPoint? EndPoint)> Configured(Settings settings) =>
    [
        (ListenerKind.Mx, settings.SmtpListen),
        (ListenerKind.Submission, settings.SubmissionListen),
        (ListenerKind.SubmissionTls, settings.SubmissionsListen),
    ];
}

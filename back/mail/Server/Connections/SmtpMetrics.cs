using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Smtpy.Mail.Diagnostics;
using Smtpy.Mail.Server.Commands;

namespace Smtpy.Mail.Server.Connections;

/// <summary>Meter "Smtpy", the part about connections and commands; one for the process.</summary>
internal static class SmtpMetrics
{
    public const string MeterName = "Smtpy";

    private const int FirstCode = 200;
    private const int CodeCount = 400;

    private static readonly Meter Meter = new(MeterName);

    private static readonly string[] VerbNames = [.. Enum.GetNames<SmtpVerb>().Select(name => name.ToUpperInvariant())];

    private static readonly long[] Commands = new long[VerbNames.Length * CodeCount];

    private static readonly Tally Accepted = new(
        Meter, "smtpy.smtp.connections.accepted", "{connection}", "Connections that were greeted.");

    private static readonly TallyBy<ConnectionRefusal> Refused = new(
        Meter, "smtpy.smtp.connections.refused", "reason", "{connection}", "Connections refused before the greeting, by reason.");

    private static readonly TallyBy<ConnectionEnd> Ended = new(
        Meter, "smtpy.smtp.connections.ended", "reason", "{connection}", "Connections that ended, by reason.", not: ConnectionEnd.None);

    private static readonly TallyBy<TlsOutcome> Tls = new(
        Meter, "smtpy.smtp.tls.handshakes", "outcome", "{handshake}", "TLS handshakes, by protocol or failed.");

    private static readonly TallyBy<SignInOutcome> SignIns = new(
        Meter, "smtpy.smtp.sign_ins", "outcome", "{sign-in}", "Attempts to sign in with AUTH, by outcome.");

    private static long _open;

    static SmtpMetrics()
    {
        Meter.CreateObservableUpDownCounter(
            "smtpy.smtp.connections.open", static () => Interlocked.Read(ref _open), "{connection}", "Connections open now.");
        Meter.CreateObservableCounter("smtpy.smtp.commands", Observe, "{command}", "Commands answered, by verb and reply code.");
    }

    /// <summary>Has the instruments made, so that they are shown before the first connection.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(SmtpMetrics).TypeHandle);

    public static void Command(SmtpVerb verb, int code) =>
        Interlocked.Increment(ref Commands[((int)verb * CodeCount) + code - FirstCode]);

    public static void ConnectionOpened() => Interlocked.Increment(ref _open);

    public static void ConnectionGreeted() => Accepted.Add();

    public static void ConnectionRefused(ConnectionRefusal reason) => Refused.Add(reason);

    public static void ConnectionEnded(ConnectionEnd reason)
    {
        Interlocked.Decrement(ref _open);
        Ended.Add(reason);
    }

    public static void SignedIn(SignInOutcome outcome) => SignIns.Add(outcome);

    public static void TlsHandshake(TlsOutcome outcome) => Tls.Add(outcome);

    private static IEnumerable<Measurement<long>> Observe()
    {
        for (var i = 0; i < Commands.Length; i++)
        {
            var count = Interlocked.Read(ref Commands[i]);
            if (count > 0)
            {
                yield return new Measurement<long>(
                    count,
                    new KeyValuePair<string, object?>("verb", VerbNames[i / CodeCount]),
                    new KeyValuePair<string, object?>("code", FirstCode + (i % CodeCount)));
            }
        }
    }
}

/// <summary>Why a connection was not greeted.</summary>
internal enum ConnectionRefusal
{
    Policy = 0,
    ProxyHeader = 1,

    /// <summary>More at once than this server takes from everybody together.</summary>
    TooMany = 2,
}

internal enum SignInOutcome
{
    Succeeded = 0,

    /// <summary>Unknown user or wrong password.</summary>
    Failed = 1,

    /// <summary>The client broke it off, or what it sent was no message of the mechanism.</summary>
    Broken = 2,

    /// <summary>The policy let nobody try: too many failures.</summary>
    Refused = 3,

    /// <summary>The credentials could not be looked up, or too many were being checked.</summary>
    Unavailable = 4,
}

internal enum TlsOutcome
{
    Tls12 = 0,
    Tls13 = 1,
    Failed = 2,
}

using System.Diagnostics.Metrics;
using Smtpy.Mail.Server.Commands;

namespace Smtpy.Mail.Server.Connections;

/// <summary>
/// Meter "Smtpy". Commands are counted in an array of their own and shown when somebody looks, since an instrument
/// with tags would cost more than the command.
/// </summary>
internal static class SmtpMetrics
{
    public const string MeterName = "Smtpy";

    private const int FirstCode = 200;
    private const int CodeCount = 400;

    private static readonly Meter Meter = new(MeterName);

    private static readonly string[] VerbNames = [.. Enum.GetNames<SmtpVerb>().Select(name => name.ToUpperInvariant())];

    private static readonly long[] Commands = new long[VerbNames.Length * CodeCount];

    private static readonly Counter<long> Accepted = Meter.CreateCounter<long>(
        "smtp.connections.accepted", description: "Connections that were greeted");

    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "smtp.connections.refused", description: "Connections refused before the greeting, by reason");

    private static readonly Counter<long> Ended = Meter.CreateCounter<long>(
        "smtp.connections.ended", description: "Connections that ended, by reason");

    private static readonly UpDownCounter<long> Open = Meter.CreateUpDownCounter<long>(
        "smtp.connections.open", description: "Connections open now");

    private static readonly Counter<long> Tls = Meter.CreateCounter<long>(
        "smtp.tls", description: "TLS handshakes, by outcome or protocol");

    static SmtpMetrics() => Meter.CreateObservableCounter(
        "smtp.commands", Observe, description: "Commands answered, by verb and reply code");

    public static void Command(SmtpVerb verb, int code) =>
        Interlocked.Increment(ref Commands[((int)verb * CodeCount) + code - FirstCode]);

    public static void ConnectionOpened() => Open.Add(1);

    public static void ConnectionGreeted() => Accepted.Add(1);

    public static void ConnectionRefused(string reason) => Refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public static void ConnectionEnded(ConnectionEnd reason)
    {
        Open.Add(-1);
        Ended.Add(1, new KeyValuePair<string, object?>("reason", ConnectionEndNames.Of(reason)));
    }

    public static void TlsHandshake(string outcome) => Tls.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

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

internal static class ConnectionEndNames
{
    private static readonly string[] Names = Enum.GetNames<ConnectionEnd>();

    public static string Of(ConnectionEnd reason) => Names[(int)reason];
}

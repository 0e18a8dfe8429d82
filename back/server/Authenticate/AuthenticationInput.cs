using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Smtpy.Server.Authenticate;

/// <summary>One message to be looked at.</summary>
/// <param name="Id">Whatever the caller knows it by, as it was given; undefined for none.</param>
/// <param name="Message">With CRLF line ends; null for SPF alone.</param>
/// <param name="Now">The time to judge by; null for the clock's.</param>
internal sealed record AuthenticationInput(
    JsonElement Id, IPAddress Client, string Helo, string MailFrom, ReadOnlyMemory<byte>? Message, DateTimeOffset? Now)
{
    /// <summary>What is accepted as a client's address.</summary>
    public const string Addresses = "an IPv4 or IPv6 address";

    /// <summary>Four numbers with dots, or IPv6; the framework also takes "999", "[::1]:25" and scopes, which no client of SMTP has.</summary>
    public static bool TryClient(string? text, [NotNullWhen(true)] out IPAddress? client) =>
        IPAddress.TryParse(text, out client)
        && (client.AddressFamily is AddressFamily.InterNetwork ? client.ToString() == text : text.AsSpan().IndexOfAny('[', '%') < 0);

    /// <summary>MAIL FROM with or without its angle brackets.</summary>
    public static string Unbracketed(string mailFrom) =>
        mailFrom.Length >= 2 && mailFrom[0] == '<' && mailFrom[^1] == '>' ? mailFrom[1..^1] : mailFrom;

    /// <summary>A file with no CRLF at all was written by a program of this machine; what SMTP carries has nothing else.</summary>
    public static byte[] WithCrLf(byte[] message)
    {
        if (message.AsSpan().IndexOf("\r\n"u8) >= 0 || !message.AsSpan().Contains((byte)'\n'))
        {
            return message;
        }

        var converted = new byte[message.Length + message.AsSpan().Count((byte)'\n')];
        var length = 0;
        foreach (var octet in message)
        {
            if (octet == (byte)'\n')
            {
                converted[length++] = (byte)'\r';
            }

            converted[length++] = octet;
        }

        return converted;
    }

    /// <summary>Seconds since 1970 that a date can have.</summary>
    public static DateTimeOffset? Instant(double seconds) =>
        seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Floor(seconds))
            : null;
}

using System.Globalization;
using System.Net;

namespace Smtpy.Server.Configuration;

/// <summary>Reads settings by name and says exactly what is wrong with a wrong one.</summary>
public sealed class SettingReader(Func<string, string?> lookup, IReadOnlyCollection<string>? given = null)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Names that are set and that nobody has asked for: misspelt, or of another version.</summary>
    public IReadOnlyList<string> Unused => [.. (given ?? []).Where(name => !_asked.Contains(name)).Order(StringComparer.Ordinal)];

    /// <summary>The value, or null where it is not set; an empty value counts as not set, as in compose files.</summary>
    public string? Text(string name)
    {
        _asked.Add(name);
        return lookup(name) is { Length: > 0 } value ? value.Trim() : null;
    }

    /// <summary>
    /// The value of NAME, or the first line of the file that NAME_FILE points to: container engines hand secrets over as files, which
    /// do not show among a process's variables.
    /// </summary>
    /// <exception cref="SettingException">Both are set, or the file cannot be read or holds nothing.</exception>
    public string? Secret(string name)
    {
        var file = name + "_FILE";
        var (value, path) = (Text(name), Text(file));
        if (path is null || value is not null)
        {
            return path is null ? value : throw new SettingException(file, path, $"{name} or {file}, not both");
        }

        try
        {
            using var reader = new StreamReader(path);
            var line = reader.ReadLine()?.Trim();
            return line is { Length: > 0 } ? line : throw new SettingException(file, path, "the path of a file whose first line is the secret");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(file, path, $"the path of a file that this user can read ({wrong.Message})");
        }
    }

    public string Text(string name, string fallback) => Text(name) ?? fallback;

    public int Number(string name, int fallback, int least, int most) => (int)Number(name, (long)fallback, least, most);

    public long Number(string name, long fallback, long least, long most)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SettingException(name, text, $"a whole number from {least} to {most}");
    }

    public TimeSpan Seconds(string name, TimeSpan fallback, int least, int most) =>
        TimeSpan.FromSeconds(Number(name, (long)fallback.TotalSeconds, least, most));

    public TimeSpan Days(string name, TimeSpan fallback, int least, int most) =>
        TimeSpan.FromDays(Number(name, (long)fallback.TotalDays, least, most));

    public string Choice(string name, string fallback, params string[] choices)
    {
        var text = Text(name, fallback);
        var found = Array.Find(choices, choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase));
        return found ?? throw new SettingException(name, text, "one of " + string.Join(", ", choices));
    }

    /// <summary>"host:port", where host is an IP address or "*" or "localhost"; "[::]:25" for IPv6.</summary>
    public IPEndPoint EndPoint(string name, IPEndPoint fallback)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        var readable = text.StartsWith("*:", StringComparison.Ordinal) ? "0.0.0.0" + text[1..]
            : text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" + text["localhost".Length..]
            : text.StartsWith(':') ? "0.0.0.0" + text
            : text;
        // IPEndPoint.Parse takes an address without a port; a listener needs both.
        var hasPort = readable.LastIndexOf(':') > readable.LastIndexOf(']') && readable.Contains('.', StringComparison.Ordinal)
            || readable.Contains("]:", StringComparison.Ordinal);
        return hasPort && IPEndPoint.TryParse(readable, out var endPoint)
            ? endPoint
            : throw new SettingException(name, text, "ADDRESS:PORT such as 0.0.0.0:1025 or [::]:1025");
    }

    /// <summary>As <see cref="EndPoint"/>; null where it is "off" or "none".</summary>
    public IPEndPoint? EndPointOrOff(string name, IPEndPoint fallback) =>
        Text(name) is { } text && (text.Equals("off", StringComparison.OrdinalIgnoreCase) || text.Equals("none", StringComparison.OrdinalIgnoreCase))
            ? null
            : EndPoint(name, fallback);

    /// <summary>"host:port" with a name or an address.</summary>
    public DnsEndPoint? HostAndPort(string name, int defaultPort)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (IPAddress.TryParse(text.Trim('[', ']'), out var address))
        {
            return new DnsEndPoint(address.ToString(), defaultPort);
        }

        var colon = text.LastIndexOf(':');
        var host = (colon < 0 ? text : text[..colon]).Trim('[', ']');
        var port = defaultPort;
        var portIsGood = colon < 0 || int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port);
        return portIsGood && port is > 0 and < 65536 && Uri.CheckHostName(host) != UriHostNameType.Unknown
            ? new DnsEndPoint(host, port)
            : throw new SettingException(name, text, $"HOST:PORT such as 127.0.0.1:{defaultPort}");
    }

    public IReadOnlyList<IPNetwork> Networks(string name, IReadOnlyList<IPNetwork> fallback)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        var parts = text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.ConvertAll(parts, part => Network(part)
            ?? throw new SettingException(name, text, "networks separated by commas, such as 10.0.0.0/8,fd00::/8"));
    }

    private static IPNetwork? Network(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        return IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8) : null;
    }
}

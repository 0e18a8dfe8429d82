using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Tests.Dns;

/// <summary>
/// A resolver whose records are lines "name TYPE value"; TYPE FAIL makes every question about the name a temporary failure, HANG one
/// that is never answered. Names without a line do not exist.
/// </summary>
internal sealed class MemoryZone : IRecordResolver
{
    private readonly List<(string Name, string Type, string Value)> _records = [];

    public MemoryZone(params string[] lines)
    {
        foreach (var line in lines)
        {
            Add(line);
        }
    }

    public List<string> Questions { get; } = [];

    public MemoryZone Add(string line)
    {
        var fields = line.Split(' ', 3);
        _records.Add((fields[0], fields[1], fields.Length > 2 ? fields[2] : ""));
        return this;
    }

    public ValueTask<RecordAnswer<string>> FindTextsAsync(string name, CancellationToken cancellationToken) =>
        FindAsync(name, "TXT", static value => value, cancellationToken);

    public ValueTask<RecordAnswer<IPAddress>> FindAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
        FindAsync(name, family == AddressFamily.InterNetwork ? "A" : "AAAA", IPAddress.Parse, cancellationToken);

    public ValueTask<RecordAnswer<MailExchanger>> FindExchangersAsync(string name, CancellationToken cancellationToken) =>
        FindAsync(name, "MX", static value => new MailExchanger(value, 10), cancellationToken);

    public ValueTask<RecordAnswer<string>> FindNamesAsync(IPAddress address, CancellationToken cancellationToken) =>
        FindAsync(address.ToString(), "PTR", static value => value, cancellationToken);

    private async ValueTask<RecordAnswer<T>> FindAsync<T>(string name, string type, Func<string, T> read, CancellationToken cancellationToken)
    {
        Questions.Add($"{name} {type}");
        var own = _records.FindAll(record => record.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (own.Exists(record => record.Type == "HANG"))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        if (own.Exists(record => record.Type == "FAIL"))
        {
            return new RecordAnswer<T>(DnsStatus.TemporaryFailure, [], "the resolver failed");
        }

        return own.Count == 0
            ? new RecordAnswer<T>(DnsStatus.NotFound, [], "the name does not exist")
            : new RecordAnswer<T>(DnsStatus.Found, [.. own.FindAll(record => record.Type == type).Select(record => read(record.Value))], "");
    }
}

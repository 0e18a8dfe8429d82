using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Smtpy.Mail.Dns;

/// <summary>
/// <see cref="IRecordResolver"/> over DnsClient. Answers are kept for their TTL, absent ones as long as the SOA says (RFC 2308), failures
/// not at all; with <see cref="MailResolverOptions.CacheEntries"/> 0 nothing is kept. A kept answer is given without waiting.
/// </summary>
public sealed class DnsRecordResolver : IRecordResolver
{
    private readonly DnsQuestions _questions;
    private readonly AnswerCache<RecordAnswer<string>> _texts;
    private readonly AnswerCache<RecordAnswer<IPAddress>> _four;
    private readonly AnswerCache<RecordAnswer<IPAddress>> _six;
    private readonly AnswerCache<RecordAnswer<MailExchanger>> _exchangers;
    private readonly AnswerCache<RecordAnswer<string>> _names;

    public DnsRecordResolver(MailResolverOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _questions = new DnsQuestions(options);
        _texts = new(options.CacheEntries, time, static answer => AnswerWeight.Of(answer.Records, AnswerWeight.Of));
        _four = new(options.CacheEntries, time, static answer => AnswerWeight.Of(answer.Records, static _ => AnswerWeight.Entry));
        _six = new(options.CacheEntries, time, static answer => AnswerWeight.Of(answer.Records, static _ => AnswerWeight.Entry));
        _exchangers = new(options.CacheEntries, time, static answer => AnswerWeight.Of(answer.Records, static host => AnswerWeight.Of(host.Host)));
        _names = new(options.CacheEntries, time, static answer => AnswerWeight.Of(answer.Records, AnswerWeight.Of));
    }

    public ValueTask<RecordAnswer<string>> FindTextsAsync(string name, CancellationToken cancellationToken) =>
        FindAsync(_texts, name, QueryType.TXT, static record => TextOctets.Join((TxtRecord)record), cancellationToken);

    public ValueTask<RecordAnswer<IPAddress>> FindAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
        family == AddressFamily.InterNetwork
            ? FindAsync(_four, name, QueryType.A, static record => ((ARecord)record).Address, cancellationToken)
            : FindAsync(_six, name, QueryType.AAAA, static record => ((AaaaRecord)record).Address, cancellationToken);

    public ValueTask<RecordAnswer<MailExchanger>> FindExchangersAsync(string name, CancellationToken cancellationToken) =>
        FindAsync(_exchangers, name, QueryType.MX, static record => Exchanger((MxRecord)record), cancellationToken);

    public ValueTask<RecordAnswer<string>> FindNamesAsync(IPAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        return FindAsync(_names, address.GetArpaName(), QueryType.PTR, static record => Name(((PtrRecord)record).PtrDomainName), cancellationToken);
    }

    private ValueTask<RecordAnswer<T>> FindAsync<T>(
        AnswerCache<RecordAnswer<T>> cache, string name, QueryType type, Func<DnsResourceRecord, T> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        return cache.TryGet(name, out var known) ? ValueTask.FromResult(known) : AskAsync(cache, name, type, read, cancellationToken);
    }

    private async ValueTask<RecordAnswer<T>> AskAsync<T>(
        AnswerCache<RecordAnswer<T>> cache, string name, QueryType type, Func<DnsResourceRecord, T> read, CancellationToken cancellationToken)
    {
        if (DnsName.ToAscii(name) is not { } ascii)
        {
            return new RecordAnswer<T>(DnsStatus.NotFound, [], "not a domain name");
        }

        var reply = await _questions.AskAsync(ascii, type, cancellationToken);
        var answer = new RecordAnswer<T>(reply.Status, Array.ConvertAll(reply.Records, record => read(record)), reply.Reason);
        cache.Add(name, answer, reply.Age);
        return answer;
    }

    private static MailExchanger Exchanger(MxRecord mx) => new(Name(mx.Exchange), mx.Preference);

    private static string Name(DnsString name) => name.Value.TrimEnd('.');
}

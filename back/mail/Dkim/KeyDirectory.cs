using System.Collections.Concurrent;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Dkim;

/// <summary>
/// Fetches the keys of signers (RFC 6376 section 3.6.2) and keeps them parsed: what DNS says decides each time, but the same record is read
/// into a key once. One for the whole process.
/// </summary>
public sealed class KeyDirectory
{
    private readonly ITextResolver _resolver;
    private readonly ConcurrentDictionary<string, KeyRecord> _records;

    public KeyDirectory(ITextResolver resolver, DkimVerifierOptions options)
        : this(resolver, options, new(StringComparer.Ordinal))
    {
    }

    private KeyDirectory(ITextResolver resolver, DkimVerifierOptions options, ConcurrentDictionary<string, KeyRecord> records) =>
        (_resolver, Options, _records) = (resolver, options, records);

    internal DkimVerifierOptions Options { get; }

    /// <summary>The same parsed keys, with records fetched by another resolver.</summary>
    internal KeyDirectory Asking(ITextResolver resolver) => new(resolver, Options, _records);

    internal async Task<KeyAnswer> FindAsync(string selector, string domain, CancellationToken cancellationToken)
    {
        var answer = await _resolver.FindTextsAsync($"{selector}._domainkey.{domain}", cancellationToken);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return KeyAnswer.Failed(DkimVerdict.TempError, "no answer about the key: " + answer.Reason);
        }

        if (answer.Texts.Count == 0)
        {
            return KeyAnswer.Failed(DkimVerdict.PermError, "no key for signature");
        }

        List<KeyRecord> usable = [];
        string? fault = null;
        foreach (var text in answer.Texts.Take(Options.MaxKeyRecords))
        {
            var record = Read(text);
            if (record.Fault is null)
            {
                usable.Add(record);
            }

            fault ??= record.Fault;
        }

        return usable.Count > 0 ? new KeyAnswer(usable, DkimVerdict.None, "") : KeyAnswer.Failed(DkimVerdict.PermError, fault ?? "");
    }

    private KeyRecord Read(string text)
    {
        if (_records.TryGetValue(text, out var known))
        {
            return known;
        }

        if (_records.Count >= Options.CachedKeys)
        {
            // As the resolver's cache: starting over is cheaper than an order of use on every hit.
            _records.Clear();
        }

        return _records[text] = KeyRecord.Parse(text);
    }
}

/// <param name="Records">Usable ones; empty where <paramref name="Failure"/> says what is wrong.</param>
internal sealed record KeyAnswer(IReadOnlyList<KeyRecord> Records, DkimVerdict Failure, string Reason)
{
    public static KeyAnswer Failed(DkimVerdict verdict, string reason) => new([], verdict, reason);
}

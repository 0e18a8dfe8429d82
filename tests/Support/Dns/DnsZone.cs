namespace Smtpy.Tests.Support.Dns;

/// <summary>What the test server knows. A name without any record does not exist; one with a record of another type has none of that type.</summary>
internal sealed class DnsZone
{
    // Longer chains are a mistake in a test.
    private const int MaxAliases = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<DnsRecord>> _records = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _codes = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _silent = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _truncated = new(StringComparer.OrdinalIgnoreCase);

    public void Add(DnsRecord record)
    {
        lock (_gate)
        {
            if (!_records.TryGetValue(record.Name, out var own))
            {
                _records[record.Name] = own = [];
            }

            own.Add(record);
        }
    }

    public void SetCode(string name, int code)
    {
        lock (_gate)
        {
            _codes[name.TrimEnd('.')] = code;
        }
    }

    public void Clear(string name)
    {
        lock (_gate)
        {
            _codes.Remove(name.TrimEnd('.'));
            _silent.Remove(name.TrimEnd('.'));
            _truncated.Remove(name.TrimEnd('.'));
        }
    }

    public void SetSilent(string name)
    {
        lock (_gate)
        {
            _silent.Add(name.TrimEnd('.'));
        }
    }

    public void SetTruncated(string name)
    {
        lock (_gate)
        {
            _truncated.Add(name.TrimEnd('.'));
        }
    }

    public DnsZoneAnswer Find(string name, DnsType type)
    {
        lock (_gate)
        {
            var answers = new List<DnsRecord>();
            var exists = Collect(name, type, answers, MaxAliases);
            var code = _codes.TryGetValue(name, out var forced) && forced != 0 ? forced : exists ? 0 : 3;
            return new DnsZoneAnswer(code, answers, _silent.Contains(name), _truncated.Contains(name));
        }
    }

    /// <summary>Follows aliases; whether the name at the end of the chain exists.</summary>
    private bool Collect(string name, DnsType type, List<DnsRecord> answers, int aliasesLeft)
    {
        var own = _records.GetValueOrDefault(name) ?? [];
        var found = own.FindAll(record => record.Type == type);
        answers.AddRange(found);
        if (found.Count > 0 || own.Find(record => record.Type == DnsType.Cname) is not { } alias || aliasesLeft == 0)
        {
            return own.Count > 0;
        }

        answers.Add(alias);
        return Collect(DnsWire.QuestionOf([.. new byte[DnsWire.HeaderLength], .. alias.Data]).Name, type, answers, aliasesLeft - 1);
    }
}

internal sealed record DnsZoneAnswer(int Code, List<DnsRecord> Records, bool Silent, bool Truncated);

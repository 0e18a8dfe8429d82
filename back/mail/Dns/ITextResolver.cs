namespace Smtpy.Mail.Dns;

/// <summary>TXT records (RFC 1035 section 3.3.14).</summary>
public interface ITextResolver
{
    /// <summary>Asked each time: who has just changed a record wants to see it.</summary>
    Task<TextRecords> FindTextsAsync(string name, CancellationToken cancellationToken);
}

/// <param name="Texts">One for each record, its strings joined; empty unless found.</param>
public sealed record TextRecords(DnsStatus Status, IReadOnlyList<string> Texts, string Reason);

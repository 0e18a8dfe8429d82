namespace Smtpy.Mail.Dns;

/// <summary>
/// TXT records as <see cref="IRecordResolver"/> keeps them, for what is read with every message (DKIM keys): a name without a TXT
/// record is not found, whether the name exists or not.
/// </summary>
public sealed class CachedTextResolver(IRecordResolver resolver) : ITextResolver
{
    public async Task<TextRecords> FindTextsAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await resolver.FindTextsAsync(name, cancellationToken);
        return answer.IsVoid
            ? new TextRecords(DnsStatus.NotFound, [], answer.Reason.Length > 0 ? answer.Reason : "the name has no TXT record")
            : new TextRecords(answer.Status, answer.Records, answer.Reason);
    }
}

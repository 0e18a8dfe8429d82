using Smtpy.Core.Storage;
using Smtpy.Mail.Bounces;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>Reads what a message that is just coming in reports. Of a large one the beginning is read, which is where reports have what matters.</summary>
public sealed class ReportReader(IMessageStore store, BounceReaderOptions? options = null)
{
    private readonly BounceReaderOptions _options = options ?? new BounceReaderOptions();
    private readonly BounceReader _reader = new(options);

    /// <exception cref="StorageException">A part that was stored ahead cannot be read.</exception>
    public async ValueTask<MailReport> ReadAsync(IncomingMessage message, CancellationToken cancellationToken) =>
        _reader.Read(message.IsWhole ? message.Start : await StoredAsync(message.Id, cancellationToken), message.Sender.Length == 0);

    private async ValueTask<ReadOnlyMemory<byte>> StoredAsync(long messageId, CancellationToken cancellationToken)
    {
        var read = new MemoryStream();
        for (var part = 0; read.Length < _options.MaxOctets; part++)
        {
            if (await store.ReadPartAsync(messageId, part, cancellationToken) is not { } octets)
            {
                break;
            }

            read.Write(octets);
        }

        return read.GetBuffer().AsMemory(0, (int)Math.Min(read.Length, _options.MaxOctets));
    }
}

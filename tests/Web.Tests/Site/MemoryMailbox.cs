using System.Text;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Web.Tests.Site;

/// <summary>A capture mailbox in memory. Messages are added oldest first.</summary>
internal sealed class MemoryMailbox : ICaptureMailbox
{
    private readonly List<(CapturedMessage Message, MessageContent? Content)> _messages = [];

    /// <summary>When set, every call fails with it, as a broken database would.</summary>
    public Exception? Fault { get; set; }

    public CapturedMessage Add(string source, Func<CapturedMessage, CapturedMessage>? change = null) =>
        Add(new InMemoryContent(Encoding.UTF8.GetBytes(source.ReplaceLineEndings("\r\n"))), change);

    public CapturedMessage Add(MessageContent? content, Func<CapturedMessage, CapturedMessage>? change = null)
    {
        var at = new DateTimeOffset(2026, 3, 14, 9, 0, 0, TimeSpan.Zero).AddMinutes(_messages.Count);
        var message = new CapturedMessage(
            new DeliveryKey(_messages.Count + 1, 0), at, at.AddSeconds(1), "jane@shop.example", "srs0+x@demo.example",
            "hello@demo.example", "me@mailbox.example", content?.Length ?? 0);
        message = change?.Invoke(message) ?? message;
        _messages.Add((message, content));
        return message;
    }

    public Task<IReadOnlyList<CapturedMessage>> ListAsync(int skip, int take, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<CapturedMessage>>(() => [.. _messages.AsEnumerable().Reverse().Skip(skip).Take(take).Select(m => m.Message)]);

    public Task<int> CountAsync(CancellationToken cancellationToken) => Answer(() => _messages.Count);

    public Task<CapturedMessage?> FindAsync(DeliveryKey key, CancellationToken cancellationToken) =>
        Answer<CapturedMessage?>(() => _messages.Find(m => m.Message.Key == key).Message);

    public Task<MessageContent?> OpenAsync(DeliveryKey key, CancellationToken cancellationToken) =>
        Answer<MessageContent?>(() => _messages.Find(m => m.Message.Key == key).Content);

    private Task<T> Answer<T>(Func<T> answer) => Fault is null ? Task.FromResult(answer()) : Task.FromException<T>(Fault);
}

/// <summary>Content in several parts, that counts how many were read.</summary>
internal sealed class PartedContent(int partCount, Func<int, ReadOnlyMemory<byte>> part) : MessageContent
{
    private int _reads;

    public int Reads => _reads;

    public override long Length { get; } = Enumerable.Range(0, partCount).Sum(i => (long)part(i).Length);

    public override int PartCount => partCount;

    public override ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int number, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return ValueTask.FromResult(part(number));
    }
}

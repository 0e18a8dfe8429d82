using System.Text;
using System.Text.RegularExpressions;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Content;

/// <summary>The default mode through the real program: a header of ours, and a body that keeps every octet.</summary>
public sealed class PrivateModeTests : IAsyncLifetime
{
    private readonly RecordingSink _sink = new(SinkMemory.Content) { Chunking = true };
    private SmtpyProcess _smtpy = null!;

    public async ValueTask InitializeAsync() => _smtpy = await SmtpyProcess.StartAsync(
        Instance.RelayingTo(_sink.Port), Instance.Domain, Instance.Alias("shop", "inbox@peer.test"));

    public async ValueTask DisposeAsync()
    {
        await _smtpy.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task The_body_of_every_shape_is_untouched_and_its_author_is_named_by_a_reverse_address()
    {
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        foreach (var shape in Shape.All())
        {
            Assert.StartsWith(
                "250", await conversation.TransactAsync("sender@client.test", "shop@alias.test", shape.Octets, " BODY=8BITMIME"), StringComparison.Ordinal);
            var taken = await _sink.WaitForAsync(message => message.Fingerprint.MessageId == shape.MessageId);
            Assert.Equal(MessageFingerprint.Of(shape.Octets).BodyHash, taken.Fingerprint.BodyHash);
            var head = Encoding.UTF8.GetString(taken.Content.AsSpan(0, taken.Content.AsSpan().IndexOf("\r\n\r\n"u8) + 2));
            Assert.Matches(@"\r\nFrom: ""Shapes at client\.test""(\r\n)? <[a-z2-7]{24}@mx\.smtpy\.test>\r\n", head);

            // Only the verdict says who was judged.
            Assert.DoesNotContain(
                Regex.Split(head, @"\r\n(?![ \t])"), static field => field.Contains("sender@client.test", StringComparison.Ordinal)
                    && !field.StartsWith("Authentication-Results:", StringComparison.Ordinal) && !field.StartsWith("ARC-Authentication-Results:", StringComparison.Ordinal));
            Assert.DoesNotContain("\r\nX-", head, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\r\nReceived:", head, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("Delivered-To: shop@alias.test\r\n", head, StringComparison.Ordinal);
        }
    }
}

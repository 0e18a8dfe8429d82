using System.Globalization;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Content;

/// <summary>The same in transparent mode at a sink of our own, for what a Maildir cannot show: line ends, a missing last one, envelope parameters.</summary>
public sealed class OctetsAtTheSinkTests : IAsyncLifetime
{
    // Of its own for each test: the same Message-IDs come again.
    private readonly RecordingSink _sink = new(SinkMemory.Content) { Chunking = true };
    private SmtpyProcess _smtpy = null!;

    public async ValueTask InitializeAsync() => _smtpy = await SmtpyProcess.StartAsync(
        Instance.RelayingTo(_sink.Port, Instance.Transparent), Instance.Domain, Instance.Alias("shop", "inbox@peer.test"));

    public async ValueTask DisposeAsync()
    {
        await _smtpy.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task Every_shape_goes_over_the_wire_untouched()
    {
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        foreach (var shape in Shape.All().Append(Shape.SpaceBeforeColon()))
        {
            var reply = await conversation.TransactAsync("sender@client.test", "shop@alias.test", shape.Octets, " BODY=8BITMIME");
            Assert.StartsWith("250", reply, StringComparison.Ordinal);
            var taken = await _sink.WaitForAsync(message => message.Fingerprint.MessageId == shape.MessageId);
            Untouched.AssertOnTheWire(shape.Octets, taken.Content);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_message_without_a_final_line_end_stays_without_one_where_the_next_server_can_take_it(int chunks)
    {
        var shape = Shape.WithoutFinalLineEnd();
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        await conversation.CommandAsync("MAIL FROM:<sender@client.test>");
        await conversation.CommandAsync("RCPT TO:<shop@alias.test>");
        var rest = shape.Octets.AsMemory();
        for (var chunk = chunks; chunk > 0; chunk--)
        {
            var part = rest[..(rest.Length / chunk)];
            rest = rest[part.Length..];
            await conversation.SendAsync(
                string.Create(CultureInfo.InvariantCulture, $"BDAT {part.Length}{(chunk == 1 ? " LAST" : "")}\r\n"));
            await conversation.SendAsync(part);
            Assert.StartsWith("250", await conversation.ReadReplyAsync(), StringComparison.Ordinal);
        }

        var taken = await _sink.WaitForAsync(message => message.Fingerprint.MessageId == shape.MessageId);

        // RFC 5321 section 4.1.1.4: DATA cannot carry it, so at most the missing line end may have been added.
        var added = taken.Content.AsSpan().EndsWith("\r\n"u8) && !shape.Octets.AsSpan().EndsWith("\r\n"u8);
        Untouched.AssertOnTheWire([.. shape.Octets, .. added ? "\r\n"u8 : []], taken.Content);
    }

    [Fact]
    public async Task Bdat_and_data_give_the_same_octets()
    {
        var shape = Shape.All().Single(candidate => candidate.Name == "dot-lines");
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        await conversation.CommandAsync("MAIL FROM:<sender@client.test>");
        await conversation.CommandAsync("RCPT TO:<shop@alias.test>");
        await conversation.SendAsync(string.Create(CultureInfo.InvariantCulture, $"BDAT {shape.Octets.Length} LAST\r\n"));
        await conversation.SendAsync(shape.Octets);
        Assert.StartsWith("250", await conversation.ReadReplyAsync(), StringComparison.Ordinal);

        var taken = await _sink.WaitForAsync(message => message.Fingerprint.MessageId == shape.MessageId);
        Untouched.AssertOnTheWire(shape.Octets, taken.Content);
    }
}

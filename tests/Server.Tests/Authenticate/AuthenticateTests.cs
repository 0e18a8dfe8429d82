using System.Text;
using System.Text.Json;
using Smtpy.Server.Authenticate;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Dns;
using Xunit;

namespace Smtpy.Server.Tests.Authenticate;

/// <summary>The command's work in --batch, against a DNS server on loopback.</summary>
public sealed class AuthenticateTests : IAsyncLifetime
{
    private readonly DnsTestServer _dns = new();

    public ValueTask InitializeAsync()
    {
        _dns.Txt("shop.example", "v=spf1 ip4:192.0.2.1 -all exp=why.shop.example").Txt("why.shop.example", "%{i} may not")
            .Txt("_dmarc.shop.example", "v=DMARC1; p=reject; sp=quarantine");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task Without_a_message_there_is_spf_alone()
    {
        var (answers, bad) = await RunAsync("""{"id":"a","ip":"203.0.113.9","helo":"x.example","from":"joe@shop.example"}""");
        Assert.Equal(
            """{"id":"a","spf":{"result":"fail","domain":"shop.example","explanation":"203.0.113.9 may not"},"dkim":[],"dmarc":null,"arc":null}""",
            Assert.Single(answers));
        Assert.Equal(0, bad);
    }

    [Fact]
    public async Task A_message_is_judged_by_everything()
    {
        var (answers, _) = await RunAsync(
            """{"id":7,"ip":"192.0.2.1","helo":"x.example","from":"","message":"From: joe@sub.shop.example\nSubject: x\n\nHello\n","now":1700000000}""");
        Assert.Equal(
            """{"id":7,"spf":{"result":"none","domain":"x.example","explanation":null},"dkim":[],"dmarc":"""
            + """{"result":"fail","policy":"quarantine","disposition":"quarantine","domain":"shop.example"},"arc":{"result":"none","instances":0}}""",
            Assert.Single(answers));
    }

    [Theory]
    [InlineData("not json", "null")]
    [InlineData("[]", "null")]
    [InlineData("""{"id":"b","ip":"nowhere"}""", "\"b\"")]
    [InlineData("""{"id":{"n":1},"ip":"192.0.2.1","from":7}""", """{"n":1}""")]
    [InlineData("""{"id":"b","ip":"192.0.2.1","now":"yesterday"}""", "\"b\"")]
    [InlineData("""{"id":"b","ip":"192.0.2.1","now":1e300}""", "\"b\"")]
    [InlineData("""{"id":"b","ip":"192.0.2.1","file":"no-such-file.eml"}""", "\"b\"")]
    [InlineData("""{"id":"b","ip":"192.0.2.1","message":"\ud800"}""", "\"b\"")]
    public async Task A_bad_line_is_answered_and_the_batch_goes_on(string line, string id)
    {
        var (answers, bad) = await RunAsync(line, "", """{"id":"good","ip":"192.0.2.1","helo":"","from":"joe@shop.example"}""");
        Assert.Equal(1, bad);
        Assert.Equal(2, answers.Length);
        using var answer = JsonDocument.Parse(answers[0]);
        Assert.Equal(id, answer.RootElement.GetProperty("id").GetRawText());
        Assert.NotEqual("", answer.RootElement.GetProperty("error").GetString());
        Assert.StartsWith("""{"id":"good","spf":{"result":"pass",""", answers[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "the line is no JSON object")]
    [InlineData("[]", "the line is no JSON object")]
    [InlineData("""{"helo":"x.example"}""", "\"ip\" is needed: an IPv4 or IPv6 address")]
    [InlineData("""{"ip":"192.0.2.1","file":"/nope/x.eml"}""", "cannot read /nope/x.eml: no such folder")]
    [InlineData("""{"ip":"192.0.2.1","file":"/"}""", "cannot read /: it is a folder")]
    [InlineData("""{"ip":"999"}""", "\"ip\" \"999\" is not accepted: an IPv4 or IPv6 address")]
    public async Task What_is_wrong_with_a_line_is_said_in_plain_words(string line, string problem)
    {
        using var answer = JsonDocument.Parse(Assert.Single((await RunAsync(line)).Answers));
        Assert.Equal(problem, answer.RootElement.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("2001:DB8::1", true)]
    [InlineData("::ffff:192.0.2.1", true)]
    [InlineData("999", false)]
    [InlineData("192.0.2", false)]
    [InlineData("192.0.2.010", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("[::1]:25", false)]
    [InlineData("fe80::1%eth0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_client_has_a_whole_address(string? text, bool accepted) => Assert.Equal(accepted, AuthenticationInput.TryClient(text, out _));

    [Fact]
    public async Task Answers_come_in_the_order_of_the_lines()
    {
        var (answers, _) = await RunAsync([.. Enumerable.Range(0, 100).Select(number =>
            $$"""{"id":{{number}},"ip":"192.0.2.1","helo":"h{{number}}.example","from":""}""")]);
        Assert.Equal(Enumerable.Range(0, 100), answers.Select(answer =>
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.GetProperty("id").GetInt32();
        }));
    }

    [Fact]
    public async Task Nothing_is_remembered_from_one_line_to_the_next()
    {
        var line = """{"id":1,"ip":"192.0.2.1","helo":"","from":"joe@shop.example"}""";
        await RunAsync(line, line);
        Assert.Equal(2, _dns.Questions.Count(question => question == "shop.example Txt"));
    }

    [Fact]
    public async Task A_message_can_be_in_a_file_with_the_line_ends_of_this_machine()
    {
        using var folder = new TempFolder("authenticate");
        var path = folder.Combine("message.eml");
        await File.WriteAllTextAsync(path, "From: joe@shop.example\n\nHello\n", TestContext.Current.CancellationToken);
        var (answers, bad) = await RunAsync($$"""{"id":1,"ip":"192.0.2.1","helo":"","from":"joe@shop.example","file":"{{path}}"}""");
        Assert.Contains("\"dmarc\":{\"result\":\"pass\"", Assert.Single(answers), StringComparison.Ordinal);
        Assert.Equal(0, bad);
    }

    [Theory]
    [InlineData("a\nb\n", "a\r\nb\r\n")]
    [InlineData("a\r\nb\n", "a\r\nb\n")]
    [InlineData("a", "a")]
    [InlineData("", "")]
    public void Only_a_message_without_any_CRLF_is_converted(string message, string expected) =>
        Assert.Equal(expected, Encoding.ASCII.GetString(AuthenticationInput.WithCrLf(Encoding.ASCII.GetBytes(message))));

    private async Task<(string[] Answers, int Bad)> RunAsync(params string[] lines)
    {
        using var input = new StringReader(string.Join('\n', lines));
        await using var output = new StringWriter { NewLine = "\n" };
        var bad = await Batch.RunAsync(new AuthenticationRun(_dns.EndPoint), input, output, TestContext.Current.CancellationToken);
        return (output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), bad);
    }
}

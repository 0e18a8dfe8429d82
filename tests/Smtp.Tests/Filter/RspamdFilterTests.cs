using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Tests.Deliver;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.Smtp.Tests.Filter;

public sealed class RspamdFilterTests : IDisposable
{
    private const string Trace = "Received: from client\r\n";

    private const string Message = "From: <jane@shop.example>\r\n\r\nHello\r\n";

    private readonly FakeHttp _http = new();
    private readonly FakeStore _store = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose()
    {
        _http.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task It_is_shown_the_message_as_it_came_and_the_envelope()
    {
        _http.Answer = """{"is_skipped":false,"score":6.5,"required_score":15,"action":"add header"}""";
        Assert.Equal(new SpamJudgement(6.5, 15, "add header"), await AskAsync(Incoming()));
        Assert.Equal(Message, _http.Body);
        Assert.Equal("http://rspamd.test:11333/checkv2", _http.Url);
        Assert.Equal("192.0.2.7", _http.Headers["IP"]);
        Assert.Equal("mail.shop.example", _http.Headers["Helo"]);
        Assert.Equal("jane@shop.example", _http.Headers["From"]);
        Assert.Equal("shop@alias.test, two@alias.test", _http.Headers["Rcpt"]);
        Assert.Equal("77", _http.Headers["Queue-Id"]);
        Assert.Equal("secret", _http.Headers["Password"]);
    }

    /// <summary>The pattern that all spam filters take for spam (GTUBE).</summary>
    [Theory]
    [InlineData("Hello, how are you?", "no action")]
    [InlineData("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X", "reject")]
    public async Task A_real_Rspamd_reads_the_message_and_says_what_it_is(string text, string action)
    {
        await using var dns = new DnsTestServer();
        await using var rspamd = await RspamdPeer.StartAsync(dns.EndPoint.Port, TestContext.Current.CancellationToken);
        var options = new RspamdOptions { Url = new Uri(FormattableString.Invariant($"http://127.0.0.1:{rspamd.HttpPort}/")), Password = "" };
        using var client = RspamdFilter.Client(options);
        var metrics = new FilterMetrics(_services.GetRequiredService<IMeterFactory>());
        var message = Incoming($"{Trace}From: <jane@shop.example>\r\nTo: <shop@alias.test>\r\nSubject: s\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n\r\n{text}\r\n");

        var judgement = await new RspamdFilter(options, client, _store, metrics, TimeProvider.System, NullLogger<RspamdFilter>.Instance)
            .AskAsync(message, TestContext.Current.CancellationToken);

        Assert.True(judgement?.Action == action, $"{judgement}\n{rspamd.Log}");
    }

    [Fact]
    public async Task Parts_that_were_stored_ahead_come_first()
    {
        _store.Parts[(77, 0)] = Encoding.ASCII.GetBytes(Trace + "From: <jane@shop.example>\r\n\r\n");
        _store.Parts[(77, 1)] = "Hel"u8.ToArray();
        await AskAsync(Incoming("lo\r\n", storedParts: 2));
        Assert.Equal(Message, _http.Body);
    }

    [Theory]
    [InlineData("not json", HttpStatusCode.OK)]
    [InlineData("[]", HttpStatusCode.OK)]
    [InlineData("{}", HttpStatusCode.OK)]
    [InlineData("""{"action":7}""", HttpStatusCode.OK)]
    [InlineData("""{"is_skipped":true,"score":0,"action":"no action"}""", HttpStatusCode.OK)]
    [InlineData("""{"error":"no"}""", HttpStatusCode.InternalServerError)]
    public async Task An_answer_that_says_nothing_is_no_opinion(string answer, HttpStatusCode status)
    {
        (_http.Answer, _http.Status) = (answer, status);
        Assert.Null(await AskAsync(Incoming()));
    }

    [Fact]
    public async Task Mail_goes_on_where_it_cannot_be_reached()
    {
        _http.Failure = new HttpRequestException("refused");
        Assert.Null(await AskAsync(Incoming()));
        _http.Failure = new OperationCanceledException();
        Assert.Null(await AskAsync(Incoming()));
    }

    [Fact]
    public async Task A_part_that_is_gone_is_no_opinion()
    {
        Assert.Null(await AskAsync(Incoming("lo\r\n", storedParts: 2)));
    }

    [Fact]
    public async Task What_is_too_large_is_not_shown()
    {
        Assert.Null(await AskAsync(Incoming() with { Size = 21 * 1024 * 1024 }));
        Assert.Null(_http.Url);
    }

    private async Task<SpamJudgement?> AskAsync(IncomingMessage message)
    {
        var options = new RspamdOptions { Url = new Uri("http://rspamd.test:11333/"), Password = "secret" };
        using var client = new HttpClient(_http, disposeHandler: false);
        var metrics = new FilterMetrics(_services.GetRequiredService<IMeterFactory>());
        return await new RspamdFilter(options, client, _store, metrics, TimeProvider.System, NullLogger<RspamdFilter>.Instance)
            .AskAsync(message, TestContext.Current.CancellationToken);
    }

    private static IncomingMessage Incoming(string last = Trace + Message, int storedParts = 0)
    {
        var peer = new SmtpPeer
        {
            ConnectionId = "1",
            RemoteEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4711),
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 25),
            Helo = "mail.shop.example",
        };
        var transaction = new SmtpTransaction { Peer = peer, Sender = new ReversePath("jane@shop.example") };
        transaction.Add(new SmtpRecipient { LocalPart = "shop", Domain = "alias.test", Address = "shop@alias.test" });
        transaction.Add(new SmtpRecipient { LocalPart = "two", Domain = "alias.test", Address = "two@alias.test" });
        var inspection = new Inspection("From: <jane@shop.example>\r\n"u8.ToArray(), new DkimVerifierOptions());
        return new IncomingMessage(
            77, transaction, inspection, DateTimeOffset.UnixEpoch, storedParts == 0 ? last.Length : Trace.Length + Message.Length, Encoding.ASCII.GetBytes(last), storedParts == 0)
        {
            TraceLength = Trace.Length,
            StoredParts = storedParts,
        };
    }

    /// <summary>Keeps the request and gives the answer it is told.</summary>
    private sealed class FakeHttp : HttpMessageHandler
    {
        public string Answer { get; set; } = """{"score":0,"required_score":15,"action":"no action"}""";

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public Exception? Failure { get; set; }

        public string? Url { get; private set; }

        public string Body { get; private set; } = "";

        public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            Url = request.RequestUri!.ToString();
            Body = await request.Content!.ReadAsStringAsync(cancellationToken);
            foreach (var header in request.Headers)
            {
                Headers[header.Key] = string.Join(", ", header.Value);
            }

            return new HttpResponseMessage(Status) { Content = new StringContent(Answer) };
        }
    }
}

using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Smtpy.Core;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Domains;
using Smtpy.Core.Messages;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Messages;
using Smtpy.Mail.Notices;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Plan;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Route;
using Smtpy.Smtp.Submit;
using Smtpy.Smtp.Tests.Receive;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Plan;

/// <summary>
/// The whole of receiving on a database of its own, but for the network and the judging: a test says who is authenticated. alias.test
/// is owner@mailbox.test's, other.test somebody else's; shop@alias.test goes to me@mailbox.test.
/// </summary>
internal sealed class ReceivingFixture : IMessageJudge, IDeliveryQueue, IOutboundComposer, IAsyncDisposable
{
    public const string Jane = "jane@sender.test";

    private readonly TempFolder _folder = new("smtp");
    private readonly ServiceProvider _services;
    private MailReceiver _receiver = null!;

    private ReceivingFixture(CorrespondenceOptions limits, TimeSpan firstSenderDelay, Func<ReceiveOptions, ReceiveOptions>? receive)
    {
        var secret = "a secret of the tests"u8.ToArray();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(Logs)).AddMetrics().AddSingleton<TimeProvider>(Time);
        services.AddSmtpyCore(new CoreOptions { DataFolder = _folder.Path, HostName = "mx.test" });
        var store = services.Last(static service => service.ServiceType == typeof(IMessageStore)).ImplementationFactory!;
        services.AddSingleton<IMessageStore>(p => new WatchedStore((IMessageStore)store(p)));
        var options = new ReceiveOptions { Hostname = "mx.test", FirstSenderDelay = firstSenderDelay };
        services.AddSingleton(receive?.Invoke(options) ?? options).AddSingleton(new ClientLimitOptions()).AddSingleton(new SignInLimitOptions())
            .AddSingleton<ClientLimits>().AddSingleton<SignInLimits>().AddSingleton<RefusalRecorder>().AddSingleton<ReceiveMemory>().AddSingleton<ReceiveMetrics>()
            .AddSingleton<IMessageJudge>(this).AddSingleton<IDeliveryQueue>(this)
            .AddSingleton<IOutboundComposer>(this).AddSingleton<OutboundMessages>().AddSingleton<Router>()
            .AddSingleton(new ReturnPaths("mx.test", secret, Time)).AddSingleton(new SelfTestAddresses("mx.test", secret, Time))
            .AddSingleton(new ReverseAddresses(secret)).AddSingleton(limits)
            .AddSingleton(new FilterOptions()).AddSingleton<BlockLists>().AddSingleton<Greylist>().AddSingleton<RecipientGate>()
            .AddSingleton<IRecordResolver>(new DnsRecordResolver(new MailResolverOptions(), Time))
            .AddSingleton<SenderStandings>().AddSingleton(ForwardPolicy.Of(new SpamPolicy())).AddSingleton<HeldNotices>()
            .AddSingleton(static p => new NewContacts(
                p.GetRequiredService<ContactBook>(), p.GetRequiredService<ReverseAddresses>(), "mx.test", p.GetRequiredService<TimeProvider>()))
            .AddSingleton<SubmissionPolicy>().AddSingleton<MeetContact>().AddSingleton<WriterCheck>()
            .AddSingleton(static p => new ReportReader(p.GetRequiredService<IMessageStore>()))
            .AddSingleton<ForwardPlanner>().AddSingleton<IRecipientPlanner, SubmissionPlanner>().AddSingleton<IRecipientPlanner, ReplyPlanner>()
            .AddSingleton<IRecipientPlanner, ReportPlanner>()
            .AddSingleton<IRecipientPlanner>(static p => ActivatorUtilities.CreateInstance<ComplaintPlanner>(p, p.GetRequiredService<ForwardPlanner>()))
            .AddSingleton<IRecipientPlanner>(static p => ActivatorUtilities.CreateInstance<SendPlanner>(p, p.GetRequiredService<ForwardPlanner>()))
            .AddSingleton<IRecipientPlanner>(static p => p.GetRequiredService<ForwardPlanner>())
            .AddSingleton<MessagePlanner>().AddSingleton<RefusalAnswers>().AddSingleton<RecipientPolicy>().AddSingleton<MessageIntake>().AddSingleton<MailReceiver>();
        _services = services.BuildServiceProvider();
    }

    public MovedClock Time { get; } = new();

    public KeptLogs Logs { get; } = new();

    public Guid Owner { get; private set; }

    public Guid Other { get; private set; }

    public WatchedStore Store => (WatchedStore)Get<IMessageStore>();

    public ReturnPaths ReturnPaths => Get<ReturnPaths>();

    /// <summary>Who the next messages are proved to be from; null: nobody.</summary>
    public string? Authenticated { get; set; }

    /// <summary>How that is proved: by the client's address, or by a signature that fixes recipients and content, or by one that does not.</summary>
    public Proof Proof { get; set; } = Proof.ClientAddress;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<ReceivingFixture> CreateAsync(
        CorrespondenceOptions? limits = null, TimeSpan firstSenderDelay = default, Func<ReceiveOptions, ReceiveOptions>? receive = null)
    {
        var made = new ReceivingFixture(limits ?? new CorrespondenceOptions { Hostname = "mx.test" }, firstSenderDelay, receive);
        await made.Get<DatabaseMigrator>().MigrateAsync(Cancellation);
        await made.Store.StartAsync(Cancellation);
        made.Owner = await made.AddAccountAsync("owner@mailbox.test", "alias.test");
        made.Other = await made.AddAccountAsync("else@mailbox.test", "other.test");
        await made.AddAliasAsync("shop@alias.test", "me@mailbox.test");
        made._receiver = made.Get<MailReceiver>();
        return made;
    }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public async Task AddAliasAsync(string address, params string[] recipients)
    {
        var added = await Get<AddAlias>().RunAsync(address, recipients, null, Cancellation);
        Assert.True(added.Succeeded, added.Problem?.Message);
    }

    /// <summary>Changes the database as a use case would, so that what is cached of it falls.</summary>
    public async Task ChangeAsync(Func<SmtpyContext, Task> change)
    {
        await using var context = await Get<IDbContextFactory<SmtpyContext>>().CreateDbContextAsync(Cancellation);
        await change(context);
        await context.SaveChangesAsync(Cancellation);
    }

    public async Task<List<T>> AllAsync<T>() where T : class
    {
        await using var context = await Get<IDbContextFactory<SmtpyContext>>().CreateDbContextAsync(Cancellation);
        return await context.Set<T>().AsNoTracking().ToListAsync(Cancellation);
    }

    /// <returns>The reverse address of a contact of shop@alias.test.</returns>
    public async Task<string> AddContactAsync(string alias = "shop@alias.test", string address = Jane, bool blocked = false)
    {
        var reverse = Get<ReverseAddresses>().For(alias, address, "mx.test");
        await ChangeAsync(async context => await context.Contacts.AddAsync(
            new Contact
            {
                AccountId = alias.EndsWith("@alias.test", StringComparison.Ordinal) ? Owner : Other,
                AliasAddress = alias,
                Address = address,
                ReverseAddress = reverse,
                Blocked = blocked,
                CreatedAt = Time.GetUtcNow(),
            },
            Cancellation));
        return reverse;
    }

    public static SmtpPeer Stranger(ListenerKind listener = ListenerKind.Mx) => new()
    {
        ConnectionId = "1",
        RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 4000),
        LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 25),
        Helo = "client.test",
        SaidEhlo = true,
        Listener = listener,
    };

    public SmtpPeer SignedIn(Guid? account = null, Guid? alias = null)
    {
        var peer = Stranger(ListenerKind.Submission);
        peer.Identity = new SmtpIdentity("owner@mailbox.test", "PLAIN", new Submitter(account ?? Owner, alias, "owner@mailbox.test"));
        return peer;
    }

    public Task<string> SendAsync(string sender, string recipient, string message) => SendAsync(Stranger(), sender, [recipient], message);

    /// <param name="dsn">What the client asks about notifications, of every recipient.</param>
    /// <returns>The last reply: the first refusal, or the answer to the message.</returns>
    public async Task<string> SendAsync(SmtpPeer peer, string sender, string[] recipients, string message, DsnRequest? dsn = null)
    {
        var transaction = new SmtpTransaction
        {
            Peer = peer,
            Sender = new ReversePath(sender),
            EnvelopeId = dsn?.EnvelopeId,
            DsnReturn = dsn is null ? null : dsn.ReturnFull ? "FULL" : "HDRS",
        };
        var reply = await _receiver.OnMailAsync(transaction, Cancellation);
        foreach (var address in reply.IsPositive ? recipients : [])
        {
            var at = address.LastIndexOf('@');
            var recipient = new SmtpRecipient
            {
                LocalPart = address[..at],
                Domain = address[(at + 1)..],
                Address = address,
                Notify = dsn?.Notify ?? DsnNotify.Unspecified,
                OriginalRecipient = dsn?.OriginalRecipient,
            };
            reply = await _receiver.OnRecipientAsync(transaction, recipient, Cancellation);
            if (!reply.IsPositive)
            {
                break;
            }

            // The engine's part; the list is its own.
            ((List<SmtpRecipient>)transaction.Recipients).Add(recipient);
        }

        if (!reply.IsPositive)
        {
            return reply.ToString();
        }

        await using var sink = (await _receiver.OnDataAsync(transaction, Cancellation)).Sink!;
        sink.Write(Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n")));
        await sink.FlushAsync(Cancellation);
        return (await sink.CompleteAsync(Cancellation)).ToString();
    }

    /// <summary>Deliveries of what came in, without notices.</summary>
    public async Task<List<DeliveryRow>> DeliveriesAsync() => [.. (await AllAsync<DeliveryRow>()).Where(d => d.Kind != DeliveryKind.Notice)];

    public async Task<List<DeliveryRow>> NoticesAsync() => [.. (await AllAsync<DeliveryRow>()).Where(d => d.Kind == DeliveryKind.Notice)];

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    void IMessageJudge.Begin(SmtpTransaction transaction)
    {
    }

    /// <summary>What the judge says of the next messages; null: as <see cref="Authenticated"/> has it.</summary>
    public Judgement? Judged { get; set; }

    /// <summary>Told of each message that is judged.</summary>
    public Action<IncomingMessage>? Judging { get; set; }

    ValueTask<Judgement> IMessageJudge.JudgeAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        Judging?.Invoke(message);
        return ValueTask.FromResult(Judged ?? Judge());
    }

    private Judgement Judge() =>
        Authenticated is null ? new Judgement() : new Judgement
        {
            From = Authenticated,
            IsAuthenticated = true,
            IsAuthenticatedBySpf = Proof == Proof.ClientAddress,
            IsContentSigned = Proof == Proof.WholeSignature,
        };

    /// <summary>Whether deliveries are leased and handed on; then that fails.</summary>
    public bool FailsToHandOn { get; set; }

    bool IDeliveryQueue.HasRoom(long size) => FailsToHandOn;

    void IDeliveryQueue.Enqueue(OutboundMessage message) => throw new NotSupportedException();

    ValueTask<Composition> IOutboundComposer.ComposeAsync(
        IReadOnlyList<DueDelivery> deliveries, Judgement? judgement, MessageContent content, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task<Guid> AddAccountAsync(string email, string domain)
    {
        await ChangeAsync(async context => await context.Accounts.AddAsync(new Account { Email = email, CreatedAt = Time.GetUtcNow() }, Cancellation));
        Assert.True((await Get<AddDomain>().RunAsync(domain, email, Cancellation)).Succeeded);
        Assert.True((await Get<VerifyDomain>().RunAsync(domain, force: true, Cancellation)).Succeeded);
        return (await AllAsync<Account>()).Single(a => a.Email == email).Id;
    }
}

/// <summary>Shows the time that it is moved to. Timers and timestamps stay real.</summary>
public sealed class MovedClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}

internal enum Proof
{
    ClientAddress,
    WholeSignature,
    LooseSignature,
}

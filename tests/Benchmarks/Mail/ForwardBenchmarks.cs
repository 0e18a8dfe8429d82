using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Smtpy.Core;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Rewrite;
using Smtpy.Smtp.Route;

namespace Smtpy.Benchmarks.Mail;

/// <summary>
/// What it costs to make the outgoing message of a stored one of 10 KiB: private mode with two DKIM signatures and an ARC set; the same
/// without keys shows what rewriting alone costs. Lookups come from their caches, as on a busy server.
/// </summary>
[MemoryDiagnoser]
public class ForwardBenchmarks
{
    private const string Host = "mx.smtpy.test";
    private static readonly byte[] Secret = "a secret of some length"u8.ToArray();
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpy-bench-").FullName;
    private ServiceProvider _signing = null!;
    private ServiceProvider _plain = null!;
    private DueDelivery[] _due = [];
    private byte[] _message = [];

    [GlobalSetup]
    public async Task PrepareAsync()
    {
        _signing = Build(new MemoryKeys());
        _plain = Build(null);
        await _signing.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        var account = (await _signing.GetRequiredService<AddAccount>().RunAsync("owner@home.test", null, true, CancellationToken.None)).Value!;
        await _signing.GetRequiredService<AddDomain>().RunAsync("alias.test", "owner@home.test", CancellationToken.None);
        await _signing.GetRequiredService<VerifyDomain>().RunAsync("alias.test", force: true, CancellationToken.None);
        await _signing.GetRequiredService<AddAlias>().RunAsync("shop@alias.test", ["owner@home.test"], null, CancellationToken.None);
        await using (var context = _signing.GetRequiredService<IDbContextFactory<SmtpyContext>>().CreateDbContext())
        {
            var domain = await context.Domains.SingleAsync();
            (domain.SigningSeenAt, domain.ExchangerSeenAt) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
            await context.SaveChangesAsync();
        }

        _message = Message();
        _due =
        [
            new DueDelivery(new DeliveryKey(7, 0), "bounces@shop.test", "shop@alias.test", "owner@home.test", _message.Length, 1, 0, DateTimeOffset.UnixEpoch)
            {
                AccountId = account.Id,
                Judgement = new Judgement
                {
                    Results = $"{Host}; spf=pass smtp.mailfrom=bounces@shop.test; dkim=pass header.d=shop.test; dmarc=pass header.from=shop.test",
                    Arc = new ArcJudgement("none", 0, null),
                    Dmarc = new DmarcJudgement("pass", "reject", "none", "shop.test"),
                    IsSignedByAuthor = true,
                    IsAuthenticated = true,
                }.ToJson(),
            },
        ];
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _signing.Dispose();
        _plain.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public ValueTask<Composition> RewriteSignAndSeal() => ComposeAsync(_signing);

    [Benchmark]
    public ValueTask<Composition> Rewrite() => ComposeAsync(_plain);

    private ValueTask<Composition> ComposeAsync(ServiceProvider services) =>
        services.GetRequiredService<IOutboundComposer>().ComposeAsync(_due, null, new InMemoryContent(_message), CancellationToken.None);

    private ServiceProvider Build(IDkimKeys? keys)
    {
        var services = new ServiceCollection().AddLogging().AddMetrics()
            .AddSmtpyCore(new CoreOptions
            {
                DataFolder = _folder,
                HostName = Host,
                // Nobody else changes the database: it is not asked again between messages.
                Directory = new AliasDirectoryOptions { ChangePoll = TimeSpan.FromHours(1) },
            })
            .AddSingleton(new ReturnPaths(Host, Secret, TimeProvider.System))
            .AddRewriting(new RewriteOptions { Hostname = Host, PublicUrl = new Uri("https://mail.example.org") }, Secret);
        return (keys is null ? services : services.AddSingleton(keys)).BuildServiceProvider();
    }

    private static byte[] Message()
    {
        var text = new StringBuilder("Received: from mail.shop.test by mx.smtpy.test with ESMTPS id 7; Tue, 24 Nov 2026 10:00:00 +0000\r\n");
        for (var hop = 0; hop < 3; hop++)
        {
            text.Append(CultureInfo.InvariantCulture, $"Received: from h{hop}.shop.test by h{hop + 1}.shop.test with ESMTPS id {hop}; Tue, 24 Nov 2026 10:00:00 +0000\r\n");
        }

        text.Append("DKIM-Signature: v=1; a=rsa-sha256; d=shop.test; s=x; h=from; bh=abc; b=def\r\nFrom: Jane Doe <jane@shop.test>\r\nTo: shop@alias.test\r\n")
            .Append("Subject: Your order has left the house\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@shop.test>\r\n")
            .Append("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
        while (text.Length < 10 * 1024)
        {
            text.Append("A line of text as people write them, with a few words in it.\r\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private sealed class MemoryKeys : IDkimKeys
    {
        private readonly SigningKey[] _domain =
            [new("alias.test", "r", PrivateKey.GenerateRsa()), new("alias.test", "e", PrivateKey.GenerateEd25519())];

        private readonly SigningKey[] _host = [new(Host, "h", PrivateKey.GenerateRsa())];

        public ValueTask<IReadOnlyList<SigningKey>> FindAsync(string domain, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<SigningKey>>(domain == Host ? _host : _domain);
    }
}

using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Smtpy.Core;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Server.Configuration;
using Smtpy.Server.Hosting;
using Spectre.Console;

namespace Smtpy.Server.Commands;

/// <summary><c>smtpy demo</c>: one whole forward, end to end, on a server that is gone afterwards.</summary>
internal static class DemoCommand
{
    private const string Owner = "you@mailbox.example";
    private const string AliasDomain = "alias.example";
    private const string Alias = "shop@" + AliasDomain;
    private const string Stranger = "jane@shop.example";

    public const string Name = "demo";

    public static Command Create(Option<bool> json)
    {
        var exit = new Option<bool>("--exit") { Description = "Stop after the message was shown, instead of staying up" };
        var command = new Command(Name, "A throw-away server: sends a real message to an alias, shows what comes out, stays up") { exit };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(new Output(parsed.GetValue(json)), parsed.GetValue(exit), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Output output, bool exit, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("smtpy-demo-").FullName;
        try
        {
            await using var server = await RunningServer.StartAsync(DemoSettings(folder), Role.Api | Role.Smtp, cancellationToken);
            await PrepareAsync(server.Services, cancellationToken);
            var smtp = server.SmtpEndPoint!;
            var dialog = await DemoConversation.SendAsync(smtp, Stranger, Alias, Message(), cancellationToken);
            var (captured, forwarded) = await ForwardedAsync(server.Services, cancellationToken);
            var page = new Uri(server.WebAddress!, FormattableString.Invariant($"/capture/{captured.Key.MessageId}-{captured.Key.Ordinal}"));
            Show(output, dialog, captured, forwarded, page, smtp, exit);
            if (!exit)
            {
                await server.WaitForShutdownAsync(cancellationToken);
            }

            return 0;
        }
        catch (Exception failure) when (failure is IOException or SocketException or TimeoutException)
        {
            return output.Fail("demo: " + failure.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        Demand(await services.GetRequiredService<AddAccount>().RunAsync(Owner, null, isAdmin: true, cancellationToken));
        Demand(await services.GetRequiredService<AddDomain>().RunAsync(AliasDomain, Owner, cancellationToken));
        Demand(await services.GetRequiredService<VerifyDomain>().RunAsync(AliasDomain, force: true, cancellationToken));
        Demand(await services.GetRequiredService<AddAlias>().RunAsync(Alias, [Owner], "made by the demo", cancellationToken));
    }

    private static void Demand<T>(Outcome<T> outcome)
    {
        if (!outcome.Succeeded)
        {
            throw new IOException(outcome.Problem.Message);
        }
    }

    /// <summary>Always a capture, always a fresh folder, whatever else is configured; quiet unless told otherwise.</summary>
    private static Settings DemoSettings(string folder)
    {
        string? Demo(string name) => name switch
        {
            "SMTPY_DATA" => folder,
            "DATABASE_URL" or "SMTP_RELAY" or "SECRET_KEY" or "TLS_CERT" or "TLS_KEY" or "SMTP_PROXY_PROTOCOL" => null,
            _ when name.StartsWith("POSTGRES_", StringComparison.Ordinal) || name.StartsWith("REDIS_", StringComparison.Ordinal) => null,
            "SMTP_DELIVERY" => "capture",
            "SMTP_HOSTNAME" => Environment.GetEnvironmentVariable(name) ?? "mx." + AliasDomain,
            "SMTP_LISTEN" => Environment.GetEnvironmentVariable(name) ?? FreeLoopback(1025),
            "SUBMISSION_LISTEN" => Environment.GetEnvironmentVariable(name) ?? FreeLoopback(1587),
            "SUBMISSIONS_LISTEN" => Environment.GetEnvironmentVariable(name) ?? FreeLoopback(1465),
            "API_LISTEN" => Environment.GetEnvironmentVariable(name) ?? FreeLoopback(8000),
            "LOG_LEVEL" => Environment.GetEnvironmentVariable(name) ?? "WARNING",
            _ => Environment.GetEnvironmentVariable(name),
        };
        return Settings.Read(new SettingReader(Demo));
    }

    /// <summary>The usual port where it is free, so that the usual commands work; any other where it is not.</summary>
    private static string FreeLoopback(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return $"127.0.0.1:{port}";
        }
        catch (SocketException)
        {
            return "127.0.0.1:0";
        }
    }

    private static string Message() => string.Join("\r\n",
        "From: Jane at the shop <" + Stranger + ">",
        "To: <" + Alias + ">",
        "Subject: Your order has shipped",
        "Date: " + TimeProvider.System.GetUtcNow().UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", System.Globalization.CultureInfo.InvariantCulture),
        "Message-ID: <" + Guid.NewGuid().ToString("N") + "@shop.example>",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "Hello,",
        "",
        "the shop only knows " + Alias + " – your mailbox stays yours.",
        "",
        "Jane");

    private static async Task<(CapturedMessage Captured, string Text)> ForwardedAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var mailbox = services.GetRequiredService<ICaptureMailbox>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        try
        {
            while (true)
            {
                if (await mailbox.ListAsync(0, 1, patience.Token) is [var captured])
                {
                    return (captured, await ReadAsync(mailbox, captured.Key, patience.Token));
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
            }
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("the message was accepted but not forwarded within 15 seconds", late);
        }
    }

    private static async Task<string> ReadAsync(ICaptureMailbox mailbox, DeliveryKey key, CancellationToken cancellationToken)
    {
        var content = await mailbox.OpenAsync(key, cancellationToken) ?? throw new IOException("the captured message cannot be read");
        var text = new StringBuilder();
        for (var part = 0; part < content.PartCount; part++)
        {
            text.Append(Encoding.UTF8.GetString((await content.ReadPartAsync(part, cancellationToken)).Span));
        }

        return text.ToString();
    }

    private static void Show(
        Output output, IReadOnlyList<string> dialog, CapturedMessage captured, string forwarded, Uri page, IPEndPoint smtp, bool exit)
    {
        if (output.IsJson)
        {
            output.Done(new { smtp = smtp.ToString(), alias = Alias, captured.Recipient, captured.ReturnPath, page, dialog, forwarded }, "");
            return;
        }

        var console = AnsiConsole.Console;
        console.Write(new Rule("[bold]1. A stranger writes to the alias[/]").LeftJustified());
        foreach (var line in dialog)
        {
            console.MarkupLine(line.StartsWith("S:", StringComparison.Ordinal) ? $"[green]{Markup.Escape(line)}[/]" : Markup.Escape(line));
        }

        console.WriteLine();
        console.Write(new Rule("[bold]2. SMTPy forwards it to the mailbox[/]").LeftJustified());
        console.MarkupLine($"[green]envelope: from <{Markup.Escape(captured.ReturnPath)}> to <{Markup.Escape(captured.Recipient)}>[/]");
        console.WriteLine(forwarded.TrimEnd().ReplaceLineEndings());
        if (exit)
        {
            return;
        }

        console.WriteLine();
        console.Write(new Rule("[bold]3. Look, and try it yourself[/]").LeftJustified());
        Console.Out.WriteLine($"page:   {page}");
        Console.Out.WriteLine($"send:   swaks --server {smtp} --from {Stranger} --to {Alias}");
        Console.Out.WriteLine("Ctrl-C stops the server and removes all of it.");
    }
}

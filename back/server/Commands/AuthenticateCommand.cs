using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Smtpy.Server.Authenticate;
using Smtpy.Server.Configuration;
using Smtpy.Server.Hosting;

namespace Smtpy.Server.Commands;

/// <summary><c>smtpy authenticate</c>: what SPF, DKIM, DMARC and ARC say of a message. Touches neither database nor data folder.</summary>
internal static class AuthenticateCommand
{
    private const string StandardInput = "-";

    public static Command Create(Option<bool> json)
    {
        var file = new Argument<string?>("FILE") { Description = "the message; - for standard input", Arity = ArgumentArity.ZeroOrOne };
        var ip = new Option<string?>("--ip") { Description = "address of the client that sent it" };
        var helo = new Option<string?>("--helo") { Description = "name that the client gave with HELO or EHLO" };
        var from = new Option<string?>("--from") { Description = "address of MAIL FROM; empty for the null sender" };
        var dns = new Option<string?>("--dns") { Description = "HOST:PORT of the resolver; default: DNS_SERVER, else the system's" };
        var now = new Option<string?>("--now") { Description = "time to judge by, in seconds since 1970; default: now" };
        var batch = new Option<bool>("--batch")
        {
            Description = "read {\"id\",\"ip\",\"helo\",\"from\",\"message\"|\"file\",\"now\"} per line, answer one object per line",
        };
        var command = new Command("authenticate", "Say what SPF, DKIM, DMARC and ARC say of a message") { file, ip, helo, from, dns, now, batch };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            var run = new AuthenticationRun(Resolver(parsed.GetValue(dns)));
            if (parsed.GetValue(batch))
            {
                return await BatchAsync(run, output, cancellationToken);
            }

            var address = parsed.GetValue(ip);
            if (address is not null && !AuthenticationInput.TryClient(address, out _))
            {
                return output.Fail($"--ip \"{address}\" is not accepted: {AuthenticationInput.Addresses}");
            }

            if (!AuthenticationInput.TryClient(address, out var client))
            {
                return output.Fail("--ip is needed: the address of the client, such as 192.0.2.1");
            }

            if (!TryInstant(parsed.GetValue(now), out var instant))
            {
                return output.Fail($"--now \"{parsed.GetValue(now)}\" is not accepted: seconds since 1970");
            }

            var path = parsed.GetValue(file);
            try
            {
                var input = new AuthenticationInput(
                    Name(path), client, parsed.GetValue(helo) ?? "", AuthenticationInput.Unbracketed(parsed.GetValue(from) ?? ""),
                    await ReadAsync(path, cancellationToken), instant);
                var answer = await run.RunAsync(input, cancellationToken);
                Console.Out.WriteLine(output.IsJson ? answer.ToJson() : string.Join('\n', answer.ToString().Split('\n').Select(Output.Printable)));
                return 0;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return output.Fail(FileProblem.Reading(path ?? StandardInput, failure));
            }
        });
        return command;
    }

    private static async Task<int> BatchAsync(AuthenticationRun run, Output output, CancellationToken cancellationToken)
    {
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
        await using var answers = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { NewLine = "\n" };
        var bad = await Batch.RunAsync(run, input, answers, cancellationToken);
        if (bad == 0)
        {
            return 0;
        }

        // The answers are the output, one for each line; this is for a person.
        await Console.Error.WriteLineAsync($"smtpy: {bad} lines could not be read".AsMemory(), cancellationToken);
        return 1;
    }

    /// <summary>Null without a file: SPF alone.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is not null and not StandardInput)
        {
            return AuthenticationInput.WithCrLf(await File.ReadAllBytesAsync(path, cancellationToken));
        }

        if (path is null && !Console.IsInputRedirected)
        {
            return null;
        }

        using var octets = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(octets, cancellationToken);
        if (octets.Length == 0 && path is null)
        {
            return null;
        }

        return AuthenticationInput.WithCrLf(octets.ToArray());
    }

    private static JsonElement Name(string? path) => path is null ? default : JsonSerializer.SerializeToElement(path);

    private static bool TryInstant(string? text, out DateTimeOffset? instant)
    {
        instant = null;
        if (text is null)
        {
            return true;
        }

        instant = double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? AuthenticationInput.Instant(seconds)
            : null;
        return instant is not null;
    }

    /// <exception cref="SettingException">It is no HOST:PORT, or the host has no address.</exception>
    private static IPEndPoint? Resolver(string? text)
    {
        const string name = "--dns";
        return text is null
            ? MailSetup.ResolverAddress(CommandEnvironment.Settings().HostAndPort("DNS_SERVER", 53))
            : MailSetup.ResolverAddress(new SettingReader(_ => text).HostAndPort(name, 53), name);
    }
}

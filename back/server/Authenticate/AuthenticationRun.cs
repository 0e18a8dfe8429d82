using System.Net;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Authentication;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Spf;

namespace Smtpy.Server.Authenticate;

/// <summary>Judges messages as receiving does, but keeps no DNS answer from one to the next.</summary>
/// <param name="resolver">Null: the system's.</param>
internal sealed class AuthenticationRun(IPEndPoint? resolver)
{
    /// <summary>A silent resolver is given up well within the 20 s that RFC 7208 section 4.6.4 allows.</summary>
    private static readonly AuthenticationOptions Options = new() { TimeLimit = TimeSpan.FromSeconds(18) };

    private readonly DnsRecordResolver _resolver = new(
        new MailResolverOptions { Server = resolver, Timeout = TimeSpan.FromSeconds(3), Retries = 1, CacheEntries = 0 }, TimeProvider.System);

    public async Task<AuthenticationAnswer> RunAsync(AuthenticationInput input, CancellationToken cancellationToken)
    {
        var time = input.Now is { } now ? new FixedTime(now) : TimeProvider.System;
        using var check = new Authenticator(_resolver, Options, time).Begin();
        var request = new SpfRequest(input.Client, input.Helo, input.MailFrom);
        if (input.Message is not { } message)
        {
            return AuthenticationAnswer.Of(input.Id, await check.CheckSpfAsync(request).WaitAsync(cancellationToken));
        }

        var header = message[..new HeaderBlock(message.Span).Length];
        var index = new HeaderIndex(header);
        var signatures = DkimSignatures.Read(index, Options.Signatures);
        var chain = ArcChain.Read(index, Options.Signatures);
        using var body = new BodyHasher([.. signatures.BodyHashes, .. chain.BodyHashes]);
        var rest = message.Span[header.Length..];
        body.Append(rest.StartsWith("\r\n"u8) ? rest[2..] : rest);
        body.Finish();
        return AuthenticationAnswer.Of(
            input.Id, await check.RunAsync(request, Author.Read(header.Span), signatures, chain, body, cancellationToken));
    }

    /// <summary>The date stands still; timers go on.</summary>
    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;

namespace Smtpy.Tests.Support.ScriptedPeer;

/// <summary>An HTTPS server on 127.0.0.1 that answers every request with the same octets, of which each character is one.</summary>
public sealed class PolicyServer : IAsyncDisposable
{
    private readonly ScriptedServer _server;

    /// <param name="tls">Certificate it shows.</param>
    public PolicyServer(SslServerAuthenticationOptions tls) => _server = new ScriptedServer(peer => ServeAsync(peer, tls));

    public int Port => _server.EndPoint.Port;

    /// <summary>First lines of the requests.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The whole answer.</summary>
    public string Answer { get; set; } = Found("");

    /// <summary>Awaited before the answer.</summary>
    public Func<Task> BeforeAnswer { get; set; } = () => Task.CompletedTask;

    public static string Found(string body, string type = "text/plain") =>
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

    /// <summary>A policy file of these mx patterns.</summary>
    public static string Policy(string mode, long maxAge, params string[] patterns) => Found(
        $"version: STSv1\r\nmode: {mode}\r\n{string.Concat(patterns.Select(pattern => $"mx: {pattern}\r\n"))}max_age: {maxAge}\r\n");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(PeerSession peer, SslServerAuthenticationOptions tls)
    {
        try
        {
            await peer.EncryptAsync(tls);
            Requests.Enqueue(await peer.ReadLineAsync() ?? "");
            while (await peer.ReadLineAsync() is { Length: > 0 })
            {
                // The rest of the head says nothing that matters.
            }

            await BeforeAnswer();
            await peer.SendRawAsync(Answer);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The client did not like the certificate, or had read enough.
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;

namespace Smtpy.Tests.Support.ScriptedPeer;

/// <summary>A mail server that offers STARTTLS with a given certificate, takes everything, and remembers how it was said.</summary>
public sealed class TlsPeer : IAsyncDisposable
{
    private readonly ScriptedServer _server;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly string[] _inside;

    /// <param name="tls">Null: no STARTTLS.</param>
    /// <param name="inside">Extensions offered inside TLS.</param>
    public TlsPeer(SslServerAuthenticationOptions? tls, params string[] inside)
        : this(new IPEndPoint(IPAddress.Loopback, 0), tls, inside)
    {
    }

    public TlsPeer(IPEndPoint at, SslServerAuthenticationOptions? tls, params string[] inside)
    {
        (_tls, _inside) = (tls, inside);
        _server = new ScriptedServer(at, ServeAsync);
    }

    public IPEndPoint EndPoint => _server.EndPoint;

    public int Connections => _server.Connections;

    /// <summary>MAIL commands, with "tls " in front where they came encrypted.</summary>
    public ConcurrentQueue<string> Mail { get; } = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(PeerSession peer)
    {
        try
        {
            await peer.GreetAsync(_tls is null ? [] : ["STARTTLS"]);
            await ConverseAsync(peer);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The client did not like the certificate.
        }
    }

    private async Task ConverseAsync(PeerSession peer)
    {
        var encrypted = "";
        while (await peer.ReadLineAsync() is { } line)
        {
            switch (line.Split([' ', ':'], 2)[0])
            {
                case "STARTTLS":
                    await peer.SayAsync("220 go");
                    await peer.EncryptAsync(_tls!);
                    await peer.AnswerEhloAsync(_inside);
                    encrypted = "tls ";
                    break;
                case "MAIL":
                    Mail.Enqueue(encrypted + line);
                    await peer.SayAsync("250 ok");
                    break;
                case "DATA":
                    await peer.SayAsync("354 go");
                    await peer.ReadDataAsync();
                    await peer.SayAsync("250 queued");
                    break;
                case "QUIT":
                    await peer.SayAsync("221 bye");
                    return;
                default:
                    await peer.SayAsync("250 ok");
                    break;
            }
        }
    }
}

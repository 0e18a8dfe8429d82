using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Smtpy.Smtp.Receive;

/// <summary>Counts what each client does, in memory. A client that has no connection and no counts of this minute is forgotten.</summary>
public sealed class ClientLimits(ClientLimitOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<IPAddress, Client> _clients = new();
    private long _lastSweepMinute;

    /// <summary>Counts a new connection. False: too many are open, or the client made too many errors this minute.</summary>
    public bool TryConnect(IPAddress address)
    {
        if (IsExempt(address))
        {
            return true;
        }

        var minute = Minute();
        Sweep(minute);
        var key = Key(address);
        while (true)
        {
            var client = _clients.GetOrAdd(key, static _ => new Client());
            lock (client)
            {
                if (client.Forgotten)
                {
                    continue;
                }

                client.Turn(minute);
                if (client.Connections >= options.Connections || client.Errors >= options.ErrorsPerMinute)
                {
                    return false;
                }

                client.Connections++;
                return true;
            }
        }
    }

    /// <summary>Ends a connection that <see cref="TryConnect"/> counted.</summary>
    public void Disconnect(IPAddress address)
    {
        if (!IsExempt(address) && _clients.TryGetValue(Key(address), out var client))
        {
            lock (client)
            {
                client.Connections--;
            }
        }
    }

    public bool TryMessage(IPAddress address) => TryCount(address, static (client, options) => ++client.Messages <= options.MessagesPerMinute);

    public bool TryRecipient(IPAddress address) => TryCount(address, static (client, options) => ++client.Recipients <= options.RecipientsPerMinute);

    /// <summary>Counts a refused recipient. False: the limit is reached and the connection should end.</summary>
    public bool TryError(IPAddress address) => TryCount(address, static (client, options) => ++client.Errors < options.ErrorsPerMinute);

    private bool TryCount(IPAddress address, Func<Client, ClientLimitOptions, bool> count)
    {
        if (IsExempt(address) || !_clients.TryGetValue(Key(address), out var client))
        {
            return true;
        }

        lock (client)
        {
            client.Turn(Minute());
            return count(client, options);
        }
    }

    private bool IsExempt(IPAddress address)
    {
        foreach (var network in options.Exempt)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private long Minute() => time.GetUtcNow().ToUnixTimeSeconds() / 60;

    /// <summary>One IPv6 customer has a /64 and can change its address at will, so the /64 is the client.</summary>
    internal static IPAddress Key(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out _);
        octets[8..].Clear();
        return new IPAddress(octets);
    }

    private void Sweep(long minute)
    {
        var last = Interlocked.Read(ref _lastSweepMinute);
        if (last == minute || Interlocked.CompareExchange(ref _lastSweepMinute, minute, last) != last)
        {
            return;
        }

        foreach (var (key, client) in _clients)
        {
            lock (client)
            {
                if (client.Connections == 0 && client.Minute != minute)
                {
                    client.Forgotten = true;
                    _clients.TryRemove(key, out _);
                }
            }
        }
    }

    private sealed class Client
    {
        public bool Forgotten { get; set; }

        public int Connections { get; set; }

        public long Minute { get; private set; }

        public int Messages { get; set; }

        public int Recipients { get; set; }

        public int Errors { get; set; }

        public void Turn(long minute)
        {
            if (Minute != minute)
            {
                Minute = minute;
                Messages = Recipients = Errors = 0;
            }
        }
    }
}

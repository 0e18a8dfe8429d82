using StackExchange.Redis;

namespace Smtpy.Core.Coordination;

/// <summary>Where Redis is, and how long it may take.</summary>
public sealed record RedisOptions
{
    public required string Host { get; init; }

    public int Port { get; init; } = 6379;

    /// <summary>Null: the default user.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    public int Database { get; init; }

    public bool Tls { get; init; }

    /// <summary>For one command. 250 ms: a hundred times what Redis takes, and the most that its death adds to one request.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>For a connection, and for the first answer at the start. 2 s: a start must not wait for what it can do without.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between two looks whether it answers. 1 s: the longest that it stays unused after it came back.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For people; never the password.</summary>
    public override string ToString() => $"{Host}:{Port}";

    internal ConfigurationOptions ToConfiguration() => new()
    {
        EndPoints = { { Host, Port } },
        User = User,
        Password = Password,
        DefaultDatabase = Database,
        Ssl = Tls,
        SslHost = Tls ? Host : null,
        ClientName = "smtpy",
        AbortOnConnectFail = false,
        ConnectRetry = 1,
        ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds,
        AsyncTimeout = (int)CommandTimeout.TotalMilliseconds,
        SyncTimeout = (int)CommandTimeout.TotalMilliseconds,

        // What cannot be sent now fails now: nothing of ours is worth sending later.
        BacklogPolicy = BacklogPolicy.FailFast,
        ReconnectRetryPolicy = new LinearRetry((int)ProbeInterval.TotalMilliseconds),
        KeepAlive = 15,
    };
}

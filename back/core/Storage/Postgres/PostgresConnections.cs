using Npgsql;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>How our connections are set up, and why.</summary>
internal static class PostgresConnections
{
    /// <summary>Connecting to a server that is there takes milliseconds; a lost packet is repeated after 1 s and 3 s.</summary>
    private const int ConnectSeconds = 5;

    /// <summary>A statement that is not done by then is given up: below the 30 s that a caller of the store waits.</summary>
    public const int CommandSeconds = 15;

    /// <summary>
    /// Said to the server with every connection, whatever its own defaults are. synchronous_commit is the promise behind "250":
    /// a commit is on the disk before it is answered. The others bound what a client that vanished can hold up.
    /// </summary>
    private const string SessionOptions =
        "-c synchronous_commit=on -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c client_min_messages=warning";

    /// <summary>
    /// A pooled connection is not used for longer: what was changed for the database or its role (a setting, a right, a host behind
    /// the name) holds for new sessions only.
    /// </summary>
    private const int LifetimeSeconds = 300;

    public static NpgsqlConnectionStringBuilder Pool(PostgresLocation location, PostgresOptions options) => new()
    {
        Host = location.Host,
        Port = location.Port,
        Database = location.Database,
        Username = location.User,
        Password = location.Password,
        SslMode = SslModeOf(location.SslMode),

        // Kerberos' library is not in the images; its absence would be told on standard error with every start.
        GssEncryptionMode = GssEncryptionMode.Disable,
        RootCertificate = location.RootCertificate,
        ApplicationName = "smtpy",
        Options = SessionOptions,
        MaxPoolSize = options.PoolSize,
        ConnectionLifetime = LifetimeSeconds,
        Timeout = ConnectSeconds,
        CommandTimeout = CommandSeconds,

        // Few different statements, used over and over; the server plans each once a connection.
        MaxAutoPrepare = 50,
        AutoPrepareMinUsages = 2,

        // A server that lost its power sends no farewell.
        TcpKeepAlive = true,
        TcpKeepAliveTime = 15,
        TcpKeepAliveInterval = 5,
    };

    /// <summary>A connection outside the pool, kept for long; it asks now and then whether the server is still there.</summary>
    public static NpgsqlConnectionStringBuilder Lone(PostgresLocation location) => new(Pool(location, new PostgresOptions()).ConnectionString)
    {
        Pooling = false,
        KeepAlive = 15,
        MaxAutoPrepare = 0,
    };

    private static SslMode SslModeOf(string word) => word switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => SslMode.Prefer,
    };
}

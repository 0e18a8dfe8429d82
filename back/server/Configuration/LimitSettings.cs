using System.Net;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Submit;

namespace Smtpy.Server.Configuration;

/// <summary>The limits of receiving. Defaults and their reasons stand where the limits are used.</summary>
public sealed record LimitSettings
{
    public required SmtpServerOptions Server { get; init; }

    public required ClientLimitOptions Client { get; init; }

    public required SignInLimitOptions SignIn { get; init; }

    public required CorrespondenceOptions Correspondence { get; init; }

    public required int MaxHops { get; init; }

    /// <summary>Octets.</summary>
    public required long ReceiveMemory { get; init; }

    public static LimitSettings Read(SettingReader read)
    {
        var server = new SmtpServerOptions { Hostname = "" };
        var client = new ClientLimitOptions();
        var signIn = new SignInLimitOptions();
        var correspondence = new CorrespondenceOptions { Hostname = "" };
        return new LimitSettings
        {
            Server = server with
            {
                MaxMessageSize = read.Number("SMTP_MAX_MESSAGE_SIZE", server.MaxMessageSize, 64 * 1024, 1L << 31),
                MaxRecipients = read.Number("SMTP_MAX_RECIPIENTS", server.MaxRecipients, 100, 10_000),
                MaxConnections = read.Number("SMTP_MAX_CONNECTIONS", server.MaxConnections, 1, 1_000_000),
                MaxMessagesPerConnection = read.Number("SMTP_MAX_MESSAGES_PER_CONNECTION", server.MaxMessagesPerConnection, 1, int.MaxValue),
                MaxErrorsPerConnection = read.Number("SMTP_MAX_ERRORS_PER_CONNECTION", server.MaxErrorsPerConnection, 1, int.MaxValue),
                CommandTimeout = read.Seconds("SMTP_COMMAND_TIMEOUT", server.CommandTimeout, 1, 3600),
                DataBlockTimeout = read.Seconds("SMTP_DATA_BLOCK_TIMEOUT", server.DataBlockTimeout, 1, 3600),
                DataTimeout = read.Seconds("SMTP_DATA_TIMEOUT", server.DataTimeout, 1, 86_400),
                DrainTimeout = read.Seconds("SMTP_DRAIN_TIMEOUT", server.DrainTimeout, 0, 600),
            },
            Client = client with
            {
                Connections = read.Number("SMTP_MAX_CONNECTIONS_PER_CLIENT", client.Connections, 1, 1_000_000),
                MessagesPerMinute = read.Number("SMTP_MAX_MESSAGES_PER_MINUTE", client.MessagesPerMinute, 1, int.MaxValue),
                RecipientsPerMinute = read.Number("SMTP_MAX_RECIPIENTS_PER_MINUTE", client.RecipientsPerMinute, 1, int.MaxValue),
                ErrorsPerMinute = read.Number("SMTP_MAX_ERRORS_PER_MINUTE", client.ErrorsPerMinute, 1, int.MaxValue),
                Exempt = read.Text("SMTP_LIMIT_EXEMPT") == "none" ? [] : read.Networks("SMTP_LIMIT_EXEMPT", client.Exempt),
            },
            SignIn = signIn with
            {
                FailuresPerClient = read.Number("SUBMISSION_MAX_FAILURES_PER_CLIENT", signIn.FailuresPerClient, 1, int.MaxValue),
                FailuresPerUser = read.Number("SUBMISSION_MAX_FAILURES_PER_USER", signIn.FailuresPerUser, 1, int.MaxValue),
            },
            Correspondence = correspondence with
            {
                RepliesPerDay = read.Number("REPLIES_PER_DAY", correspondence.RepliesPerDay, 0, int.MaxValue),
                SubmissionsPerDay = read.Number("SUBMISSIONS_PER_DAY", correspondence.SubmissionsPerDay, 0, int.MaxValue),
            },
            MaxHops = read.Number("SMTP_MAX_HOPS", 50, 5, 1000),
            ReceiveMemory = read.Number("SMTP_RECEIVE_MEMORY", new ReceiveOptions { Hostname = "" }.MemoryOctets, 8 * 1024 * 1024, 1L << 40),
        };
    }
}

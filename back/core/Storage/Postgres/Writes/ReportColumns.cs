using Npgsql;
using NpgsqlTypes;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>The columns that every report has.</summary>
internal sealed class ReportColumns
{
    private readonly Column<long> _messageId = new(NpgsqlDbType.Bigint);
    private readonly Column<int> _ordinal = new(NpgsqlDbType.Integer);
    private readonly Column<int> _state = new(NpgsqlDbType.Integer);
    private readonly Column<long?> _nextAttemptAt = new(NpgsqlDbType.Bigint);
    private readonly Column<string> _reply = new(NpgsqlDbType.Text);
    private readonly Column<string> _host = new(NpgsqlDbType.Text);
    private readonly Column<long> _at = new(NpgsqlDbType.Bigint);
    private readonly Column<long?> _finishedAt = new(NpgsqlDbType.Bigint);
    private readonly Column<string?> _tls = new(NpgsqlDbType.Text);
    private readonly Column<string?> _reason = new(NpgsqlDbType.Text);

    public int Count => _messageId.Count;

    public void Add(DeliveryReport report)
    {
        var deferred = report.State is DeliveryState.Queued;
        var at = report.At.ToUnixTimeMilliseconds();
        _messageId.Add(report.Key.MessageId);
        _ordinal.Add(report.Key.Ordinal);
        _state.Add((int)report.State);
        _nextAttemptAt.Add(deferred ? (report.NextAttemptAt ?? report.At).ToUnixTimeMilliseconds() : null);
        _reply.Add(StorableText.Of(report.Reply));
        _host.Add(StorableText.Of(report.RemoteHost));
        _at.Add(at);
        _finishedAt.Add(deferred || report.State is DeliveryState.Held ? null : at);
        _tls.Add(report.StoredTls);
        _reason.Add(report.State is DeliveryState.Held ? StorableText.Of(report.Reply) : null);
    }

    public void Clear()
    {
        _messageId.Clear();
        _ordinal.Clear();
        _state.Clear();
        _nextAttemptAt.Clear();
        _reply.Clear();
        _host.Clear();
        _at.Clear();
        _finishedAt.Clear();
        _tls.Clear();
        _reason.Clear();
    }

    /// <param name="sql">Takes the columns as $1 to $10 and the lease as $11.</param>
    public NpgsqlBatchCommand Bind(string sql, long lease) => new(sql)
    {
        Parameters =
        {
            _messageId.Parameter, _ordinal.Parameter, _state.Parameter, _nextAttemptAt.Parameter, _reply.Parameter, _host.Parameter,
            _at.Parameter, _finishedAt.Parameter, _tls.Parameter, _reason.Parameter, new NpgsqlParameter<long> { TypedValue = lease },
        },
    };
}

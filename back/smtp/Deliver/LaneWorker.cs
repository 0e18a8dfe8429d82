using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>One connection's worth of work: delivers its lane's messages one after the other, on one session while that lasts.</summary>
internal sealed class LaneWorker(Lane lane, LaneBoard board, MessageCourier courier)
{
    private TaskCompletionSource<OutboundJob?>? _idle;

    public Lane Lane => lane;

    public SmtpClientConnection? Connection { get; private set; }

    public bool IsConnected => Connection is not null;

    public DateTimeOffset IdleSince { get; private set; }

    /// <summary>What it has in hand now.</summary>
    public OutboundJob? Job { get; private set; }

    public Task Completion { get; private set; } = Task.CompletedTask;

    public void Start(OutboundJob first)
    {
        Job = first;
        Completion = Task.Run(() => RunAsync(first));
    }

    /// <summary>Called by the board, under its lock.</summary>
    public Task<OutboundJob?> BeginIdle(DateTimeOffset now)
    {
        IdleSince = now;
        _idle = new TaskCompletionSource<OutboundJob?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _idle.Task;
    }

    /// <summary>Called by the board, under its lock, once for each <see cref="BeginIdle"/>.</summary>
    public void Wake(OutboundJob? job) => _idle!.SetResult(job);

    public void Attach(SmtpClientConnection connection)
    {
        Connection = connection;
        board.Opened(this);
    }

    /// <summary>Gives the session up, with QUIT where it still works.</summary>
    public async ValueTask CloseAsync()
    {
        if (Connection is not { } connection)
        {
            return;
        }

        Connection = null;
        board.Closed(this);
        await connection.QuitAsync(courier.Aborted);
        await connection.DisposeAsync();
    }

    private async Task RunAsync(OutboundJob first)
    {
        try
        {
            for (OutboundJob? job = first; job is not null; job = await board.NextAsync(this))
            {
                Job = job;
                await courier.DeliverAsync(this, job);
                Job = null;
                if (courier.IsWornOut(Connection))
                {
                    await CloseAsync();
                }

                await courier.WaitForRecordsAsync();
            }
        }
        catch (OperationCanceledException) when (courier.Aborted.IsCancellationRequested)
        {
            // Stopped while it waited for the store: it has nothing in hand.
        }
        finally
        {
            await CloseAsync();
            board.Gone(this);
        }
    }
}

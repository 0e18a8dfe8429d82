namespace Smtpy.Mail.Client;

/// <summary>
/// One mail transaction (RFC 5321 section 3.3) for as many pending recipients as the peer takes at once. With PIPELINING
/// (RFC 2920) everything up to DATA leaves in one write while the answers are being read, so that neither side can wait for
/// the other with full buffers; without it, step by step.
/// </summary>
internal sealed class MailTransaction(MailDelivery delivery)
{
    private readonly SmtpClientConnection _connection = delivery.Connection;
    private readonly SmtpDialog _dialog = delivery.Connection.Dialog;
    private readonly SmtpClientTimeouts _timeouts = delivery.Connection.Options.Timeouts;

    /// <summary>Recipients of this transaction, then those of them that were accepted.</summary>
    private readonly List<int> _batch = [];
    private readonly List<int> _accepted = [];
    private bool _mailAccepted;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        FillBatch();
        var dataCode = await EnvelopeAsync();
        if (dataCode == 354)
        {
            await ContentAsync(cancellationToken);
            return;
        }

        _connection.NeedsReset = _mailAccepted;
        if (dataCode > 0)
        {
            // A positive answer that is not 354 promises nothing: the message was not even sent. Either side has lost count of
            // the replies then, and on such a connection the next message could take another one's answer for its own.
            var reply = _dialog.Captured;
            SettleAccepted(reply.IsPermanent ? SendStatus.Refused : SendStatus.Deferred, reply);
            if (dataCode < 400)
            {
                _connection.Lose("the answer to DATA makes no sense");
                delivery.SettleRest(SendStatus.Deferred, reply);
            }
        }
    }

    private void FillBatch()
    {
        var most = Math.Min(_connection.Options.MaxRecipientsPerTransaction, _connection.Capabilities.MaxRecipients);
        for (var i = 0; i < delivery.Envelope.Recipients.Count && _batch.Count < most; i++)
        {
            if (delivery.IsPending(i))
            {
                _batch.Add(i);
            }
        }
    }

    /// <returns>The answer to DATA; 0 where it was not asked.</returns>
    private async Task<int> EnvelopeAsync()
    {
        try
        {
            return _connection.Capabilities.Pipelining ? await PipelinedAsync() : await StepByStepAsync();
        }
        catch (PeerLostException e) when (_connection.Closing is { } announced)
        {
            // It did what it had said, and why says more than that it did.
            throw new PeerLostException(announced, e);
        }
    }

    private async Task<int> PipelinedAsync()
    {
        var reset = _connection.NeedsReset;
        if (reset)
        {
            _dialog.Output.Write("RSET\r\n"u8);
        }

        EnvelopeCommands.WriteMail(delivery, _dialog.Output);
        foreach (var recipient in _batch)
        {
            EnvelopeCommands.WriteRecipient(delivery, recipient, _dialog.Output);
        }

        _dialog.Output.Write("DATA\r\n"u8);
        _dialog.Transport.Limit(_timeouts.Mail, "MAIL");
        var sending = _dialog.FlushAsync().AsTask();
        try
        {
            var code = await ReadAnswersAsync(reset);
            await sending;
            return code;
        }
        catch (PeerLostException e)
        {
            // The write uses the output buffer: it must have ended before that goes back to the pool.
            _connection.Lose(e.Message);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task<int> ReadAnswersAsync(bool reset)
    {
        if (reset)
        {
            ThrowIfClosing(await _dialog.ReadAsync(_timeouts.Command, "RSET"));
            _connection.NeedsReset = false;
        }

        JudgeMail(await _dialog.ReadAsync(_timeouts.Mail, "MAIL"));
        foreach (var recipient in _batch)
        {
            JudgeRecipient(recipient, await _dialog.ReadAsync(_timeouts.Recipient, "RCPT"));
        }

        var code = await _dialog.ReadAsync(_timeouts.DataInitiation, "DATA");
        ThrowIfClosing(code);
        return code;
    }

    private async Task<int> StepByStepAsync()
    {
        if (_connection.NeedsReset)
        {
            ThrowIfClosing(await _dialog.AskAsync("RSET", _timeouts.Command, "RSET"));
            _connection.NeedsReset = false;
        }

        EnvelopeCommands.WriteMail(delivery, _dialog.Output);
        JudgeMail(await StepAsync(_timeouts.Mail, "MAIL"));
        if (!_mailAccepted)
        {
            return 0;
        }

        foreach (var recipient in _batch)
        {
            EnvelopeCommands.WriteRecipient(delivery, recipient, _dialog.Output);
            JudgeRecipient(recipient, await StepAsync(_timeouts.Recipient, "RCPT"));
        }

        if (_accepted.Count == 0)
        {
            return 0;
        }

        _dialog.Output.Write("DATA\r\n"u8);
        var code = await StepAsync(_timeouts.DataInitiation, "DATA");
        ThrowIfClosing(code);
        return code;
    }

    private async ValueTask<int> StepAsync(TimeSpan timeout, string step)
    {
        _dialog.Transport.Limit(timeout, step);
        await _dialog.FlushAsync();
        return await _dialog.ReadAsync(timeout, step);
    }

    private void JudgeMail(int code)
    {
        ThrowIfClosing(code);
        delivery.MailAnswered = true;
        _mailAccepted = code / 100 == 2;
        if (!_mailAccepted)
        {
            delivery.SettleRest(ReplyMeaning.StatusOf(code), _dialog.Captured);
        }
    }

    private void JudgeRecipient(int recipient, int code)
    {
        if (!_mailAccepted)
        {
            return;
        }

        if (code / 100 == 2)
        {
            _accepted.Add(recipient);
            return;
        }

        var reply = _dialog.Captured;
        if (code == 421)
        {
            // Some say it of this recipient and go on, as our own server does: the others' answers are waited for, and the message is
            // sent to those who were accepted. Whoever means what RFC 5321 section 3.8 says closes, and that is seen soon enough.
            _connection.Closing = reply;
        }

        if (_accepted.Count > 0 && ReplyMeaning.IsTooMany(reply))
        {
            return;
        }

        // RFC 5321 section 4.5.3.1.10: 552 here is the old spelling of 452.
        delivery.Settle(recipient, code == 552 ? SendStatus.Deferred : ReplyMeaning.StatusOf(code), reply);
    }

    private async Task ContentAsync(CancellationToken cancellationToken)
    {
        if (_accepted.Count == 0)
        {
            // RFC 2920 section 3.1: DATA was answered 354 though nobody was accepted; a lone dot ends it.
            _dialog.Output.Write(".\r\n"u8);
            ThrowIfClosing(await StepAsync(_timeouts.DataTermination, "final dot"));
            return;
        }

        var writer = new ContentWriter(_dialog, _timeouts.DataBlock);
        int code;
        try
        {
            if (!await writer.WriteAsync(delivery.Head, delivery.FirstPart, delivery.Content, cancellationToken))
            {
                // Only closing the connection takes back a message whose end was not sent.
                _connection.Lose("bare CR or LF in the message");
                delivery.SettleRest(
                    SendStatus.Refused, new PeerReply(554, "5.6.0", "the message has a bare CR or LF; it is not passed on"));
                return;
            }

            code = await _dialog.ReadAsync(_timeouts.DataTermination, "final dot");
        }
        catch (PeerLostException e)
        {
            await HearLastWordAsync(e);
            return;
        }

        SettleAccepted(ReplyMeaning.StatusOf(code), _dialog.Captured);
        ThrowIfClosing(code);
    }

    /// <summary>A server that breaks off in the middle of a message has often said why before.</summary>
    private async Task HearLastWordAsync(PeerLostException loss)
    {
        int code;
        try
        {
            code = await _dialog.ReadAsync(_timeouts.Quit, "last word");
        }
        catch (PeerLostException)
        {
            throw loss;
        }

        if (code >= 400)
        {
            SettleAccepted(ReplyMeaning.StatusOf(code), _dialog.Captured);
        }

        throw loss;
    }

    private void SettleAccepted(SendStatus status, PeerReply reply)
    {
        foreach (var recipient in _accepted)
        {
            delivery.Settle(recipient, status, reply);
        }
    }

    private void ThrowIfClosing(int code)
    {
        if (code == 421)
        {
            throw new PeerLostException(_dialog.Captured);
        }
    }
}

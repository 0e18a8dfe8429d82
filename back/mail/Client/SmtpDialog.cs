using System.Buffers;

namespace Smtpy.Mail.Client;

/// <summary>Commands out, replies in, on one connection. Commands are gathered in <see cref="Output"/> until they are sent.</summary>
internal sealed class SmtpDialog(ClientTransport transport) : IAsyncDisposable
{
    private const int ReceiveSize = 2048;

    private readonly ReplyParser _parser = new();
    private byte[] _input = [];
    private int _start;
    private int _end;

    public ClientTransport Transport => transport;

    public OutputBuffer Output { get; } = new();

    /// <summary>Octets that came after the last reply; none may be there when TLS begins.</summary>
    public bool HasUnreadInput => _start < _end;

    /// <summary>Sends what is gathered. The caller sets the deadline.</summary>
    public async ValueTask FlushAsync()
    {
        if (Output.Length > 0)
        {
            await transport.SendAsync(Output.Written);
            Output.Clear();
        }
    }

    /// <summary>Reads one reply and returns its code; the rest of it is there until the next one is read.</summary>
    /// <exception cref="PeerLostException">No reply came, or it was none.</exception>
    public async ValueTask<int> ReadAsync(TimeSpan timeout, string step)
    {
        while (true)
        {
            if (TryParse(step))
            {
                return _parser.Code;
            }

            if (_input.Length == 0)
            {
                _input = ArrayPool<byte>.Shared.Rent(ReceiveSize);
            }

            transport.Limit(timeout, step);
            _start = 0;
            _end = 0;
            _end = await transport.ReceiveAsync(_input);
        }
    }

    public PeerReply Captured => _parser.Capture();

    public string CapturedLines => _parser.Lines();

    /// <summary>One command, one reply.</summary>
    public async ValueTask<int> AskAsync(string command, TimeSpan timeout, string step)
    {
        Output.Write(command);
        Output.Write("\r\n"u8);
        transport.Limit(timeout, step);
        await FlushAsync();
        return await ReadAsync(timeout, step);
    }

    /// <summary>Between transactions: no deadline, and no memory held.</summary>
    public void Rest()
    {
        transport.Unlimit();
        if (_start == _end && _input.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_input);
            _input = [];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync();
        _start = _end;
        if (_input.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_input);
            _input = [];
        }

        Output.Clear();
    }

    private bool TryParse(string step)
    {
        if (_start == _end)
        {
            return false;
        }

        try
        {
            _start += _parser.Feed(_input.AsSpan(_start, _end - _start));
            return _parser.IsComplete;
        }
        catch (InvalidDataException e)
        {
            throw new PeerLostException($"{e.Message} ({step})", e);
        }
    }
}

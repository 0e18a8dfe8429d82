using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Tests.Support.Smtp;

/// <summary>One connection of a <see cref="RecordingSink"/>. Replies are flushed when no whole command is left (PIPELINING).</summary>
internal sealed class SinkSession(RecordingSink sink, Socket socket)
{
    private readonly List<string> _recipients = [];
    private readonly StringBuilder _replies = new();
    private readonly MemoryStream _chunks = new();
    private byte[] _buffer = new byte[16384];
    private int _start;
    private int _end;
    private string _returnPath = "";
    private string _mailParameters = "";

    public async Task RunAsync()
    {
        Reply("220 sink.test ESMTP");
        while (await ReadLineAsync() is { } line)
        {
            if (!await AnswerAsync(line))
            {
                await FlushAsync();
                return;
            }
        }
    }

    private async Task<bool> AnswerAsync(string line)
    {
        var verb = line.Split(' ', 2)[0].ToUpperInvariant();
        switch (verb)
        {
            case "EHLO":
                Reply("250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES"
                    + (sink.Chunking ? "\r\n250-CHUNKING" : "") + "\r\n250 SIZE 0");
                break;
            case "MAIL":
                (_returnPath, _mailParameters) = Path(line);
                _recipients.Clear();
                Reply("250 2.1.0 Ok");
                break;
            case "RCPT":
                TakeRecipient(Path(line).Address);
                break;
            case "DATA":
                await TakeDataAsync();
                break;
            case "BDAT":
                await TakeChunkAsync(line);
                break;
            case "QUIT":
                Reply("221 2.0.0 Bye");
                return false;
            default:
                Reply("250 2.0.0 Ok");
                break;
        }

        return true;
    }

    private void TakeRecipient(string address)
    {
        var refusal = sink.Recipient(address);
        if (refusal is null)
        {
            _recipients.Add(address);
        }

        Reply(refusal ?? "250 2.1.5 Ok");
    }

    private async Task TakeDataAsync()
    {
        if (_recipients.Count == 0)
        {
            Reply("554 5.5.1 No valid recipients");
            return;
        }

        Reply("354 Go on");
        await FlushAsync();
        var looked = 0;
        while (true)
        {
            // The line before DATA ended in CRLF: a dot at once ends an empty message.
            var unread = _buffer.AsSpan(_start, _end - _start);
            var length = unread.StartsWith(".\r\n"u8) ? -2 : unread[looked..].IndexOf("\r\n.\r\n"u8);
            if (length != -1)
            {
                length = length == -2 ? -2 : length + looked;
                sink.Record(_returnPath, _recipients, _mailParameters, _buffer.AsMemory(_start, length + 2), stuffed: true);
                _start += length + 5;
                Reply("250 2.0.0 Ok: taken");
                return;
            }

            looked = Math.Max(0, unread.Length - 4);
            if (!await FillAsync())
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    private async Task TakeChunkAsync(string line)
    {
        var words = line.Split(' ');
        var length = int.Parse(words[1], CultureInfo.InvariantCulture);
        while (_end - _start < length)
        {
            if (!await FillAsync())
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }
        }

        _chunks.Write(_buffer, _start, length);
        _start += length;
        if (words.Length > 2)
        {
            sink.Record(_returnPath, _recipients, _mailParameters, _chunks.ToArray(), stuffed: false);
            _chunks.SetLength(0);
        }

        Reply("250 2.0.0 Ok: taken");
    }

    private void Reply(string text) => _replies.Append(text).Append("\r\n");

    private static (string Address, string Parameters) Path(string line)
    {
        var open = line.IndexOf('<', StringComparison.Ordinal);
        var close = line.LastIndexOf('>');
        return (line[(open + 1)..close], line[(close + 1)..].Trim());
    }

    private async Task<string?> ReadLineAsync()
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _start, length);
                _start += length + 2;
                return line;
            }

            await FlushAsync();
            if (!await FillAsync())
            {
                return null;
            }
        }
    }

    private async Task FlushAsync()
    {
        if (_replies.Length > 0)
        {
            var octets = Encoding.UTF8.GetBytes(_replies.ToString());
            _replies.Clear();
            await socket.SendAsync(octets, SocketFlags.None);
        }
    }

    private async Task<bool> FillAsync()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None);
        _end += count;
        return count > 0;
    }
}

using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Smtpy.Server.Logging;

/// <summary>
/// Writes log lines to standard output in batches: at thousands of messages a second, one write call for each line costs
/// more than all the rest of logging. Warnings and worse go out at once, others within <see cref="Delay"/>.
/// </summary>
internal sealed class BatchingConsoleSink : ILogEventSink, IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(100);

    /// <summary>Beyond this many characters the writer of the next line waits: a blocked terminal must not eat the memory.</summary>
    private const int MostBuffered = 1 << 20;

    /// <summary>A line is put together before it is added to the others, so that threads wait for each other no longer than that takes.</summary>
    [ThreadStatic]
    private static StringWriter? _line;

    private readonly ITextFormatter _formatter;
    private readonly Stream _output;
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private StringBuilder _lines = new();
    private StringBuilder _spare = new();
    private bool _timerRuns;

    public BatchingConsoleSink(ITextFormatter formatter, Stream output)
    {
        _formatter = formatter;
        _output = output;
        _timer = new Timer(static sink => ((BatchingConsoleSink)sink!).Flush(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public void Emit(LogEvent logEvent)
    {
        var line = _line ??= new StringWriter(CultureInfo.InvariantCulture);
        line.GetStringBuilder().Clear();
        _formatter.Format(logEvent, line);
        bool now;
        lock (_gate)
        {
            _lines.Append(line.GetStringBuilder());
            now = logEvent.Level >= LogEventLevel.Warning || _lines.Length > MostBuffered;
            if (!now && !_timerRuns)
            {
                _timerRuns = true;
                _timer.Change(Delay, Timeout.InfiniteTimeSpan);
            }
        }

        if (now)
        {
            Flush();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Flush();
    }

    private void Flush()
    {
        lock (_writing)
        {
            StringBuilder text;
            lock (_gate)
            {
                (text, _lines, _spare) = (_lines, _spare, _lines);
                _timerRuns = false;
            }

            if (text.Length > 0)
            {
                foreach (var chunk in text.GetChunks())
                {
                    Span<byte> octets = new byte[Encoding.UTF8.GetMaxByteCount(chunk.Length)];
                    _output.Write(octets[..Encoding.UTF8.GetBytes(chunk.Span, octets)]);
                }

                _output.Flush();
                text.Clear();
            }
        }
    }
}

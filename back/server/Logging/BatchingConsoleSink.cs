using System.Buffers;
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

    /// <summary>Beyond this many octets the writer of the next line waits: a blocked terminal must not eat the memory.</summary>
    private const int MostBuffered = 1 << 20;

    /// <summary>A line is put together before it is added to the others, so that threads wait for each other no longer than that takes.</summary>
    [ThreadStatic]
    private static StringWriter? _line;

    private readonly ITextFormatter _formatter;
    private readonly Stream _output;
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private ArrayBufferWriter<byte> _lines = new();
    private ArrayBufferWriter<byte> _spare = new();
    private bool _timerRuns;

    public BatchingConsoleSink(ITextFormatter formatter, Stream output)
    {
        _formatter = formatter;
        _output = output;
        _timer = new Timer(static sink => ((BatchingConsoleSink)sink!).Flush(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public void Emit(LogEvent logEvent)
    {
        // Not there for what is logged while it is put together.
        var line = _line ?? new StringWriter(CultureInfo.InvariantCulture);
        _line = null;
        _formatter.Format(logEvent, line);
        bool now;
        lock (_gate)
        {
            foreach (var chunk in line.GetStringBuilder().GetChunks())
            {
                _encoder.Convert(chunk.Span, _lines, flush: false, out _, out _);
            }

            now = logEvent.Level >= LogEventLevel.Warning || _lines.WrittenCount > MostBuffered;
            if (!now && !_timerRuns)
            {
                _timerRuns = true;
                _timer.Change(Delay, Timeout.InfiniteTimeSpan);
            }
        }

        line.GetStringBuilder().Clear();
        _line = line;
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
            ArrayBufferWriter<byte> full;
            lock (_gate)
            {
                (full, _lines, _spare) = (_lines, _spare, _lines);
                _timerRuns = false;
            }

            if (full.WrittenCount > 0)
            {
                _output.Write(full.WrittenSpan);
                _output.Flush();
                full.ResetWrittenCount();
            }
        }
    }
}

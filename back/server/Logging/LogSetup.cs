using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Logging;

internal static class LogSetup
{
    private const string TextTemplate = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>JSON lines (compact log event format) for programs, plain lines for a person.</summary>
    public static Serilog.Core.Logger Create(LogSettings settings)
    {
        ITextFormatter formatter = settings.Json
            ? new RenderedCompactJsonFormatter()
            : new MessageTemplateTextFormatter(TextTemplate, System.Globalization.CultureInfo.InvariantCulture);
        return new LoggerConfiguration()
            .MinimumLevel.Is(settings.Level)
            // The framework speaks of every request and every start-up step; our own lines say what happened.
            .MinimumLevel.Override("Microsoft", Higher(settings.Level, LogEventLevel.Warning))
            // A start that fails ends with one line of ours, not with a stack trace.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .MinimumLevel.Override("System", Higher(settings.Level, LogEventLevel.Warning))
            .WriteTo.Sink(new BatchingConsoleSink(formatter, Console.OpenStandardOutput()))
            .CreateLogger();
    }

    private static LogEventLevel Higher(LogEventLevel a, LogEventLevel b) => a > b ? a : b;
}

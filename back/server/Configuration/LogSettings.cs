using Serilog.Events;

namespace Smtpy.Server.Configuration;

/// <summary>LOG_LEVEL in the words that syslog and Python use, LOG_FORMAT, DEBUG.</summary>
public sealed record LogSettings(LogEventLevel Level, bool Json)
{
    public static LogSettings Read(SettingReader read)
    {
        var debug = read.Choice("DEBUG", "false", "true", "false") == "true";
        var level = read.Choice("LOG_LEVEL", debug ? "DEBUG" : "INFO", "TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL") switch
        {
            "TRACE" => LogEventLevel.Verbose,
            "DEBUG" => LogEventLevel.Debug,
            "INFO" => LogEventLevel.Information,
            "WARNING" => LogEventLevel.Warning,
            "ERROR" => LogEventLevel.Error,
            _ => LogEventLevel.Fatal,
        };
        // A person at a terminal reads text; everything else that reads our output is a program.
        var format = read.Choice("LOG_FORMAT", Console.IsOutputRedirected ? "json" : "text", "json", "text");
        return new LogSettings(level, format == "json");
    }
}

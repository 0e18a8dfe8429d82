using Smtpy.Server.Configuration;

namespace Smtpy.Server.Commands;

/// <summary>The process environment as commands see it.</summary>
internal static class CommandEnvironment
{
    public static SettingReader Settings() => SettingSource.Open(
        Environment.GetEnvironmentVariable, Environment.GetEnvironmentVariables().Keys.Cast<string>());
}

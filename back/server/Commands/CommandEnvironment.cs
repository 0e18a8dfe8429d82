using Smtpy.Core.Backups;
using Smtpy.Core.Storage;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Commands;

/// <summary>The process environment as commands see it.</summary>
internal static class CommandEnvironment
{
    /// <exception cref="SettingException">The settings file cannot be read.</exception>
    /// <exception cref="StorageException">A restore was cut off and cannot be finished.</exception>
    public static SettingReader Settings()
    {
        // The settings may be part of what it was putting back.
        RestoreBackup.FinishInterrupted(SettingSource.DataFolder(Environment.GetEnvironmentVariable));
        return SettingSource.Open(Environment.GetEnvironmentVariable, Environment.GetEnvironmentVariables().Keys.Cast<string>());
    }

    /// <summary>As they would be with the settings file of another folder than the data folder.</summary>
    /// <exception cref="SettingException">That file cannot be read.</exception>
    public static SettingReader SettingsWith(string fileFolder) => SettingSource.Open(Environment.GetEnvironmentVariable, fileFolder: fileFolder);
}

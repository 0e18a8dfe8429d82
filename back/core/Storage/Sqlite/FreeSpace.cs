namespace Smtpy.Core.Storage.Sqlite;

/// <summary>What is left on the file system of the database.</summary>
internal static class FreeSpace
{
    /// <returns>True where fewer than <paramref name="octets"/> are free; false also where the system does not tell.</returns>
    public static bool Below(string path, long octets)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace < octets;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            // The write itself will tell.
            return false;
        }
    }
}

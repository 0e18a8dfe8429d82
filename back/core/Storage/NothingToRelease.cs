namespace Smtpy.Core.Storage;

/// <summary>Stands for a lock where none is needed.</summary>
internal sealed class NothingToRelease : IAsyncDisposable, IDisposable
{
    public static readonly NothingToRelease Instance = new();

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

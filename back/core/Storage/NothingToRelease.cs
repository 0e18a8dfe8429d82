namespace Smtpy.Core.Storage;

/// <summary>Stands for a lock where none is needed.</summary>
internal sealed class NothingToRelease : IAsyncDisposable
{
    public static readonly NothingToRelease Instance = new();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

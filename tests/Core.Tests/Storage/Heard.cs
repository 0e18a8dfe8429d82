using System.Threading.Channels;
using Smtpy.Core.Storage;
using Smtpy.Tests.Support;

namespace Smtpy.Core.Tests.Storage;

/// <summary>What a carrier said, in order.</summary>
internal sealed class Heard
{
    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>();

    public Heard(IChangeCarrier carrier) => carrier.Listen(change => _changes.Writer.TryWrite(change));

    /// <summary>A carrier that begins to listen says every kind once.</summary>
    public async Task ListeningAsync()
    {
        foreach (var _ in Enum.GetValues<Change>())
        {
            await NextAsync();
        }
    }

    public async Task WaitForAsync(Change change)
    {
        while (await NextAsync() != change)
        {
        }
    }

    private async Task<Change> NextAsync() =>
        await _changes.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Until.Patience);
}

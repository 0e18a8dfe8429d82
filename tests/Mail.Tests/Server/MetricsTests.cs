using System.Diagnostics.Metrics;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

[Collection(nameof(Alone))]
public sealed class MetricsTests
{
    private readonly Dictionary<string, long> _seen = [];

    [Fact]
    public async Task Connections_and_commands_are_counted_with_how_they_ended()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Smtpy")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.Start();
        await using var server = await TestServer.StartAsync();
        listener.RecordObservableInstruments();
        string[] counted = ["smtpy.smtp.commands EXPN 502", "smtpy.smtp.connections.accepted", "smtpy.smtp.connections.ended quit"];
        var before = counted.Select(Read).ToArray();
        var open = Read("smtpy.smtp.connections.open");
        await using (var client = await server.ConnectAsync())
        {
            await client.GreetAsync();
            listener.RecordObservableInstruments();
            Assert.Equal(open + 1, Read("smtpy.smtp.connections.open"));
            await client.AskAsync("EXPN x");
            await client.AskAsync("QUIT");
            Assert.Null(await client.ReadLineAsync());
        }

        await server.Server.StopAsync(CancellationToken.None);
        listener.RecordObservableInstruments();
        Assert.Equal(before.Select(static count => count + 1), counted.Select(Read));
        Assert.Equal(open, Read("smtpy.smtp.connections.open"));
    }

    private long Read(string name)
    {
        lock (_seen)
        {
            return _seen.GetValueOrDefault(name);
        }
    }

    private void Record(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        foreach (var (_, tag) in tags)
        {
            name += $" {tag}";
        }

        lock (_seen)
        {
            _seen[name] = value;
        }
    }
}

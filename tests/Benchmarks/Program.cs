using BenchmarkDotNet.Running;
using Smtpy.Benchmarks.Load;

// "sink" and "open-loop" are instruments of scripts/bench.sh; everything else is BenchmarkDotNet's.
switch (args)
{
    case ["sink", var port]:
        return await SinkCommand.RunAsync(port);
    case ["open-loop", var port, var rate, var seconds, var octets]:
        return await OpenLoop.RunAsync(port, rate, seconds, octets);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}

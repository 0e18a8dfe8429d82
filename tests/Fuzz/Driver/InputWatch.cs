using System.Security.Cryptography;

namespace Smtpy.Fuzz.Driver;

/// <summary>
/// Ends the process when one input takes too long, since no thread can be stopped from outside, and keeps the input that is
/// being tried in a file, for the failures that leave no time to write one (a stack overflow).
/// </summary>
internal sealed class InputWatch : IDisposable
{
    private readonly string _name;
    private readonly FuzzOptions _options;
    private readonly FileStream _current;
    private readonly Timer _timer;
    private byte[]? _input;
    private int _ticks;

    public InputWatch(string name, FuzzOptions options)
    {
        (_name, _options) = (name, options);
        Directory.CreateDirectory(options.Findings);
        _current = new FileStream(Path.Combine(options.Findings, $"{name}.current"), FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public void Begin(byte[] input)
    {
        _current.Position = 0;
        _current.Write(input);
        _current.SetLength(input.Length);
        Volatile.Write(ref _ticks, 0);
        Volatile.Write(ref _input, input);
    }

    public void End() => Volatile.Write(ref _input, null);

    public void Dispose()
    {
        _timer.Dispose();
        _current.Dispose();
        File.Delete(_current.Name);
    }

    /// <returns>The file: its name is the target's and a hash, so that one input is kept once.</returns>
    public static string Save(string name, FuzzOptions options, byte[] input)
    {
        Directory.CreateDirectory(options.Findings);
        var file = Path.Combine(options.Findings, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..16]}");
        File.WriteAllBytes(file, input);
        return file;
    }

    private void Look()
    {
        if (Volatile.Read(ref _input) is { } input && Interlocked.Increment(ref _ticks) > _options.InputLimit.TotalSeconds)
        {
            Console.WriteLine($"{_name}: FAILED: an input took more than {_options.InputLimit.TotalSeconds:0} s: {Save(_name, _options, input)}");
            Environment.Exit(FuzzCommand.Found);
        }
    }
}

using System.Diagnostics;
using System.Text;

namespace Smtpy.Tests.Support.Processes;

/// <summary>A program started by a test: its output is kept for the failure message, and it never outlives the test.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly string _command;

    private ChildProcess(Process process, string command)
    {
        _process = process;
        _command = command;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Text(_output);

    public string Error => Text(_error);

    /// <summary>Both streams, for a failure message.</summary>
    public string Log => Output + Error;

    /// <param name="environment">Added to the test's own environment; a null value removes a variable.</param>
    public static ChildProcess Start(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null,
        bool keepInputOpen = false)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var child = new ChildProcess(process, string.Join(' ', command));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!keepInputOpen)
        {
            process.StandardInput.Close();
        }

        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time; it is killed.</exception>
    public static async Task<ProgramResult> RunAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string?>? environment = null, string? input = null,
        string? folder = null, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        await using var child = Start(command, environment, folder, keepInputOpen: input is not null);
        if (input is not null)
        {
            await child._process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            child._process.StandardInput.Close();
        }

        return await child.WaitAsync(limit ?? Until.Patience, cancellationToken);
    }

    /// <exception cref="TimeoutException">It did not end in time; carries what it printed.</exception>
    public async Task<ProgramResult> WaitAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException cancelled) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{_command} did not end within {limit.TotalSeconds:0} s:\n{Log}", cancelled);
        }

        return new ProgramResult(_command, _process.ExitCode, Output, Error);
    }

    /// <summary>SIGKILL, as a power cut of the process; returns when it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an operator or an orchestrator stops it.</summary>
    public Task<ProgramResult> StopAsync(TimeSpan limit)
    {
        Signals.Terminate(Id);
        return WaitAsync(limit);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static void Append(StringBuilder target, string? line)
    {
        if (line is not null)
        {
            lock (target)
            {
                target.Append(line).Append('\n');
            }
        }
    }

    private static string Text(StringBuilder source)
    {
        lock (source)
        {
            return source.ToString();
        }
    }
}

namespace Smtpy.Tests.Support.Processes;

/// <summary>What a program that ran to its end left behind.</summary>
public sealed record ProgramResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Output, for a program that must have succeeded.</summary>
    /// <exception cref="InvalidOperationException">The exit code is not 0; carries both streams.</exception>
    public string MustSucceed() => ExitCode == 0
        ? Output
        : throw new InvalidOperationException($"{Command} ended with {ExitCode}:\n{Output}\n{Error}");
}

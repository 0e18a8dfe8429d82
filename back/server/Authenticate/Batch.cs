using System.Threading.Channels;

namespace Smtpy.Server.Authenticate;

/// <summary>A JSON object per line in, one per line out, in the same order; a bad line is answered with its error and the batch goes on.</summary>
internal static class Batch
{
    /// <summary>Lines looked at at once. 32: they wait for DNS, not for the processor.</summary>
    private const int AtOnce = 32;

    /// <returns>How many lines could not be read.</returns>
    public static async Task<int> RunAsync(AuthenticationRun run, TextReader input, TextWriter output, CancellationToken cancellationToken)
    {
        var answers = Channel.CreateBounded<Task<(string Line, bool IsGood)>>(AtOnce);
        var reading = ReadAsync(run, input, answers.Writer, cancellationToken);
        var bad = 0;
        await foreach (var answer in answers.Reader.ReadAllAsync(cancellationToken))
        {
            var (line, isGood) = await answer;
            bad += isGood ? 0 : 1;
            await output.WriteLineAsync(line.AsMemory(), cancellationToken);

            // Whoever writes line by line waits for the answer.
            await output.FlushAsync(cancellationToken);
        }

        await reading;
        return bad;
    }

    private static async Task ReadAsync(
        AuthenticationRun run, TextReader input, ChannelWriter<Task<(string Line, bool IsGood)>> answers, CancellationToken cancellationToken)
    {
        try
        {
            while (await input.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.Trim().Length > 0)
                {
                    await answers.WriteAsync(AnswerAsync(run, line, cancellationToken), cancellationToken);
                }
            }
        }
        finally
        {
            answers.Complete();
        }
    }

    private static async Task<(string Line, bool IsGood)> AnswerAsync(AuthenticationRun run, string line, CancellationToken cancellationToken)
    {
        var (input, id, problem) = await BatchLine.ReadAsync(line, cancellationToken);
        return input is null
            ? (AuthenticationAnswer.Error(id, problem), false)
            : ((await run.RunAsync(input, cancellationToken)).ToJson(), true);
    }
}

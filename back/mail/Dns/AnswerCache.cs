using System.Collections.Concurrent;

namespace Smtpy.Mail.Dns;

/// <summary>
/// Answers by name until their time is over; a capacity of 0 keeps none. Strangers choose many of the names and the size of the answers, so
/// both are bounded.
/// </summary>
/// <param name="weigh">About how many octets an answer takes in memory: <see cref="AnswerWeight"/>.</param>
internal sealed class AnswerCache<T>(int capacity, TimeProvider time, Func<T, int> weigh)
{
    /// <summary>Of all answers: thousands of the usual ones, of some hundred octets.</summary>
    internal const long MaxOctets = 16 * 1024 * 1024;

    /// <summary>Of one answer; larger ones are asked for again. Keys and policies take less than a kilobyte, and SPF records seldom more.</summary>
    internal const int MaxAnswerOctets = 16 * 1024;

    private long _octets;

    private readonly ConcurrentDictionary<string, (T Answer, DateTimeOffset Until)> _answers = new(StringComparer.OrdinalIgnoreCase);

    public bool TryGet(string name, out T answer)
    {
        var found = _answers.TryGetValue(name, out var entry) && time.GetUtcNow() < entry.Until;
        answer = entry.Answer;
        return found;
    }

    public void Add(string name, T answer, TimeSpan age)
    {
        if (age <= TimeSpan.Zero || capacity <= 0)
        {
            return;
        }

        var octets = Octets(name, answer);
        if (octets > MaxAnswerOctets)
        {
            return;
        }

        if (_answers.Count >= capacity || Interlocked.Read(ref _octets) + octets > MaxOctets)
        {
            Shrink();
        }

        // What it replaces is counted twice until the next sweep: that is on the safe side.
        Interlocked.Add(ref _octets, octets);
        _answers[name] = (answer, time.GetUtcNow() + age);
    }

    private int Octets(string name, T answer) => weigh(answer) + AnswerWeight.Of(name);

    private void Shrink()
    {
        var now = time.GetUtcNow();
        foreach (var (name, entry) in _answers)
        {
            if (entry.Until <= now && _answers.TryRemove(name, out var removed))
            {
                Interlocked.Add(ref _octets, -Octets(name, removed.Answer));
            }
        }

        if (_answers.Count >= capacity || Interlocked.Read(ref _octets) > MaxOctets / 2)
        {
            // Little has expired: a flood of names. Starting over is cheaper than an order of use on every hit.
            _answers.Clear();
            Interlocked.Exchange(ref _octets, 0);
        }
    }
}

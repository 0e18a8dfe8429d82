using System.Collections.Concurrent;

namespace Smtpy.Mail.Dns;

/// <summary>Answers by name until their time is over.</summary>
internal sealed class AnswerCache<T>(int capacity, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (T Answer, DateTimeOffset Until)> _answers = new(StringComparer.OrdinalIgnoreCase);

    public bool TryGet(string name, out T answer)
    {
        var found = _answers.TryGetValue(name, out var entry) && time.GetUtcNow() < entry.Until;
        answer = entry.Answer;
        return found;
    }

    public void Add(string name, T answer, TimeSpan age)
    {
        if (age <= TimeSpan.Zero)
        {
            return;
        }

        if (_answers.Count >= capacity)
        {
            Shrink();
        }

        _answers[name] = (answer, time.GetUtcNow() + age);
    }

    private void Shrink()
    {
        var now = time.GetUtcNow();
        foreach (var (name, entry) in _answers)
        {
            if (entry.Until <= now)
            {
                _answers.TryRemove(name, out _);
            }
        }

        if (_answers.Count >= capacity)
        {
            // Nothing has expired: a flood of names. Starting over is cheaper than an order of use on every hit.
            _answers.Clear();
        }
    }
}

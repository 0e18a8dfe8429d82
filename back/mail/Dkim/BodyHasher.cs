using System.Diagnostics.CodeAnalysis;

namespace Smtpy.Mail.Dkim;

/// <summary>
/// Hashes a body once for all signatures that need it, those on the message and those still to be made. The body comes in pieces of any
/// size; no more than a buffer of it is held. Not thread-safe.
/// </summary>
public sealed class BodyHasher : IDisposable
{
    private readonly CanonicalBody? _simple;
    private readonly CanonicalBody? _relaxed;
    private bool _finished;

    /// <param name="kinds">What will be asked for; repeated ones cost nothing.</param>
    public BodyHasher(params IEnumerable<BodyHashKind> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        foreach (var kind in kinds)
        {
            var body = kind.Canonicalization == Canonicalization.Simple
                ? _simple ??= new CanonicalBody(output => new SimpleBody(output))
                : _relaxed ??= new CanonicalBody(output => new RelaxedBody(output));
            body.Add(kind.Limit);
        }
    }

    /// <summary>The next octets of the body, which begins after the empty line that ends the header.</summary>
    public void Append(ReadOnlySpan<byte> octets)
    {
        if (_finished)
        {
            throw new InvalidOperationException("The body has ended.");
        }

        _simple?.Append(octets);
        _relaxed?.Append(octets);
    }

    /// <summary>The body has ended; from now on hashes can be asked for.</summary>
    public void Finish()
    {
        if (!_finished)
        {
            _finished = true;
            _simple?.Finish();
            _relaxed?.Finish();
        }
    }

    /// <param name="length">Octets of the whole canonical body, whatever the limit.</param>
    /// <returns>False where this hash was not asked for at the beginning, or the body has not ended.</returns>
    public bool TryGetHash(BodyHashKind kind, [NotNullWhen(true)] out byte[]? hash, out long length)
    {
        var body = kind.Canonicalization == Canonicalization.Simple ? _simple : _relaxed;
        hash = _finished ? body?.Hash(kind.Limit) : null;
        length = hash is null ? 0 : body!.Length;
        return hash is not null;
    }

    public void Dispose()
    {
        _simple?.Dispose();
        _relaxed?.Dispose();
    }
}

namespace Smtpy.Mail.Server.Sasl;

/// <summary>
/// Checks passwords, a few at once: each check is work that a stranger can ask for, so it is bounded, and done where it holds
/// up no connection.
/// </summary>
internal sealed class PasswordChecks(SaslOptions options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.MaxPasswordChecks);
    private int _inside;

    /// <summary>Null where too many wait already.</summary>
    public async ValueTask<bool?> VerifyAsync(ScramCredentials credentials, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _inside) > options.MaxPasswordChecks + options.MaxWaitingChecks)
            {
                return null;
            }

            await _slots.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(() => credentials.Verify(password.Span), cancellationToken);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public void Dispose() => _slots.Dispose();
}

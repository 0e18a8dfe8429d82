using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>What a SCRAM client's final message was.</summary>
public enum ScramResult
{
    /// <summary>It proves that the client knows the password.</summary>
    Proved,

    /// <summary>Well-formed, and no proof.</summary>
    Wrong,

    Malformed,
}

/// <summary>The server's side of one SCRAM-SHA-256 exchange (RFC 5802 section 3, RFC 7677), free of I/O.</summary>
public sealed class ScramExchange
{
    // 144 bits (RFC 5802 section 5.1 leaves the length to the server).
    private const int NonceSize = 18;

    private readonly ScramClientFirst _first;
    private readonly ScramCredentials _credentials;
    private readonly byte[] _nonce;

    /// <param name="serverNonce">Printable ASCII without comma; random unless given.</param>
    public ScramExchange(ScramClientFirst first, ScramCredentials credentials, string? serverNonce = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(credentials);
        (_first, _credentials) = (first, credentials);
        var nonce = first.Nonce + (serverNonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceSize)));
        _nonce = Encoding.ASCII.GetBytes(nonce);
        ServerFirst = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"r={nonce},s={Convert.ToBase64String(credentials.Salt.Span)},i={credentials.Iterations}"));
    }

    /// <summary>The first message to the client.</summary>
    public ReadOnlyMemory<byte> ServerFirst { get; }

    /// <param name="clientFinal">"c=…,r=…,p=…".</param>
    /// <param name="serverFinal">The last message to the client, with which the server proves itself.</param>
    public ScramResult Finish(ReadOnlySpan<byte> clientFinal, out ReadOnlyMemory<byte> serverFinal)
    {
        serverFinal = default;
        var proofAt = clientFinal.LastIndexOf(",p="u8);
        if (proofAt < 0 || !SaslBase64.TryDecode(clientFinal[(proofAt + 3)..], out var proof) || proof.Length != ScramCredentials.KeySize
            || !TryReadNonce(clientFinal[..proofAt], out var isOurs))
        {
            return ScramResult.Malformed;
        }

        byte[] message = [.. _first.Bare.Span, (byte)',', .. ServerFirst.Span, (byte)',', .. clientFinal[..proofAt]];
        if (!Proves(proof, message) || !isOurs)
        {
            return ScramResult.Wrong;
        }

        var signature = HMACSHA256.HashData(_credentials.ServerKey.Span, message);
        serverFinal = Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(signature));
        return ScramResult.Proved;
    }

    /// <param name="isOurs">Whether channel binding and nonce are those of this exchange.</param>
    private bool TryReadNonce(ReadOnlySpan<byte> withoutProof, out bool isOurs)
    {
        isOurs = false;
        var attributes = new ScramAttributes(withoutProof);
        if (!attributes.TryTake(out var binding) || !binding.StartsWith("c="u8) || !SaslBase64.TryDecode(binding[2..], out var header)
            || !attributes.TryTake(out var nonce) || !nonce.StartsWith("r="u8) || !attributes.AreExtensions())
        {
            return false;
        }

        // Section 6: a flag that somebody on the way has changed would show here.
        isOurs = header.AsSpan().SequenceEqual(_first.Gs2Header.Span) && CryptographicOperations.FixedTimeEquals(nonce[2..], _nonce);
        return true;
    }

    private bool Proves(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> message)
    {
        Span<byte> clientKey = stackalloc byte[ScramCredentials.KeySize];
        Span<byte> storedKey = stackalloc byte[ScramCredentials.KeySize];
        HMACSHA256.HashData(_credentials.StoredKey.Span, message, clientKey);
        for (var i = 0; i < clientKey.Length; i++)
        {
            clientKey[i] ^= proof[i];
        }

        SHA256.HashData(clientKey, storedKey);
        return CryptographicOperations.FixedTimeEquals(storedKey, _credentials.StoredKey.Span);
    }
}

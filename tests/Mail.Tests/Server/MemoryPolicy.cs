using System.Collections.Concurrent;
using System.Security.Cryptography;
using Smtpy.Mail.Server;

namespace Smtpy.Mail.Tests.Server;

/// <summary>What one message was, when it was accepted.</summary>
internal sealed record ReceivedMessage(SmtpTransaction Transaction, byte[] Octets, string Sha256, long Size);

/// <summary>Accepts everything, except where the local part of an address asks for something else.</summary>
internal sealed class MemoryPolicy : ISmtpPolicy
{
    private const int KeepAtMost = 1024 * 1024;

    private int _open;

    public ConcurrentQueue<ReceivedMessage> Messages { get; } = new();

    public ConcurrentQueue<SmtpPeer> Peers { get; } = new();

    /// <summary>Welcomed connections that are not gone yet.</summary>
    public int OpenConnections => Volatile.Read(ref _open);

    /// <summary>Sinks that were opened and not disposed.</summary>
    public int OpenSinks { get; set; }

    public SmtpReply? ConnectReply { get; set; }

    /// <summary>Where set, accepting a message waits for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Completes when a sink has been asked to complete.</summary>
    public TaskCompletionSource Completing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Disconnected { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask<SmtpReply?> OnConnectAsync(SmtpPeer peer, CancellationToken cancellationToken)
    {
        if (ConnectReply is null)
        {
            Interlocked.Increment(ref _open);
            Peers.Enqueue(peer);
        }

        return ValueTask.FromResult(ConnectReply);
    }

    public void OnDisconnect(SmtpPeer peer)
    {
        Interlocked.Decrement(ref _open);
        Disconnected.TrySetResult();
    }

    /// <summary>What was told of sign-ins: "user succeeded".</summary>
    public ConcurrentQueue<string> SignIns { get; } = new();

    public ValueTask<SmtpReply?> OnAuthenticateAsync(SmtpPeer peer, string userName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(userName switch
        {
            "locked" => new SmtpReply(454, "4.7.0", "Too many failures"),
            "throws" => throw new InvalidOperationException("policy broken"),
            _ => null,
        });

    public ValueTask OnAuthenticatedAsync(SmtpPeer peer, string userName, bool succeeded, CancellationToken cancellationToken)
    {
        SignIns.Enqueue($"{userName} {(succeeded ? "succeeded" : "failed")}");
        return ValueTask.CompletedTask;
    }

    public ValueTask<SmtpReply> OnMailAsync(SmtpTransaction transaction, CancellationToken cancellationToken) =>
        ValueTask.FromResult(transaction.Sender.Address.Split('@')[0] switch
        {
            "refused" => new SmtpReply(550, "5.7.1", "Sender refused"),
            "throws" => throw new InvalidOperationException("policy broken"),
            "closes" => new SmtpReply(421, "4.7.0", "mx.test closing") { Closes = true },
            _ => SmtpReplies.SenderOk,
        });

    public ValueTask<SmtpReply> OnRecipientAsync(
        SmtpTransaction transaction, SmtpRecipient recipient, CancellationToken cancellationToken) =>
        ValueTask.FromResult(recipient.LocalPart switch
        {
            "unknown" => SmtpReplies.NoSuchRecipient,
            "later" => new SmtpReply(450, "4.2.1", "Try later"),
            "throws" => throw new InvalidOperationException("policy broken"),
            _ => SmtpReplies.RecipientOk,
        });

    public ValueTask<DataStart> OnDataAsync(SmtpTransaction transaction, CancellationToken cancellationToken)
    {
        var mode = transaction.Sender.Address.Split('@')[0];
        if (mode == "nosink")
        {
            return ValueTask.FromResult(DataStart.Refuse(SmtpReplies.StorageTrouble));
        }

        OpenSinks++;
        return ValueTask.FromResult(DataStart.Accept(new MemorySink(this, transaction, mode)));
    }

    /// <summary>What was told of messages that the engine did not take: "TooLarge 552", and the recipients of each.</summary>
    public ConcurrentQueue<string> NotTaken { get; } = new();

    public void OnNotTaken(SmtpTransaction transaction, MessageFault fault, SmtpReply? reply)
    {
        NotTaken.Enqueue($"{fault} {reply?.Code} to {transaction.Recipients.Count}");
        if (transaction.Sender.Address.StartsWith("untold", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("policy broken");
        }
    }

    private sealed class MemorySink(MemoryPolicy policy, SmtpTransaction transaction, string mode) : IMessageSink
    {
        private readonly MemoryStream _octets = new();
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _size;

        public void Write(ReadOnlySpan<byte> octets)
        {
            if (mode == "writefails")
            {
                throw new IOException("sink broken");
            }

            _hash.AppendData(octets);
            _size += octets.Length;
            if (_octets.Length + octets.Length <= KeepAtMost)
            {
                _octets.Write(octets);
            }
        }

        public ValueTask FlushAsync(CancellationToken cancellationToken) =>
            mode == "flushfails" ? throw new IOException("sink broken") : ValueTask.CompletedTask;

        public async ValueTask<SmtpReply> CompleteAsync(CancellationToken cancellationToken)
        {
            policy.Completing.TrySetResult();
            if (policy.Gate is { } gate)
            {
                await gate.Task.WaitAsync(cancellationToken);
            }

            if (mode == "full")
            {
                return SmtpReplies.StorageFull;
            }

            if (mode == "completefails")
            {
                throw new IOException("sink broken");
            }

            policy.Messages.Enqueue(new ReceivedMessage(
                transaction, _octets.ToArray(), Convert.ToHexString(_hash.GetHashAndReset()), _size));
            return new SmtpReply(250, "2.0.0", "Stored");
        }

        public ValueTask DisposeAsync()
        {
            policy.OpenSinks--;
            _hash.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

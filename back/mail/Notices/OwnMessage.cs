namespace Smtpy.Mail.Notices;

/// <summary>A message of ours, ready to be sent from the null reverse path (RFC 5321 section 4.5.5).</summary>
/// <param name="Octets">CRLF line ends.</param>
/// <param name="MessageId">With its angle brackets.</param>
/// <param name="NeedsSmtpUtf8">Whether it can only be sent to a server that has SMTPUTF8 (RFC 6531).</param>
/// <param name="Needs8Bit">Whether it has octets beyond ASCII, so that BODY=8BITMIME belongs to it (RFC 6152).</param>
public sealed record OwnMessage(byte[] Octets, string MessageId, bool NeedsSmtpUtf8, bool Needs8Bit);

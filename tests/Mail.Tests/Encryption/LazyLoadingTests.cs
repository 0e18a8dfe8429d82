using System.Reflection;
using System.Runtime.Loader;
using Smtpy.Mail.Encryption;
using Xunit;

namespace Smtpy.Mail.Tests.Encryption;

/// <summary>An instance without a recipient's key must not pay for loading the libraries that encrypt.</summary>
public sealed class LazyLoadingTests
{
    [Fact]
    public void Making_the_encryptor_and_recognising_encrypted_mail_loads_no_cryptographic_library()
    {
        var context = new Watching();
        var mail = context.LoadFromAssemblyPath(typeof(MessageEncryptor).Assembly.Location);
        Activator.CreateInstance(mail.GetType(typeof(MessageEncryptor).FullName!, throwOnError: true)!, TimeProvider.System, null);
        var recognise = mail.GetType(typeof(EncryptedContent).FullName!, throwOnError: true)!
            .GetMethod(nameof(EncryptedContent.IsIn))!.CreateDelegate<Func<ReadOnlySpan<byte>, bool>>();
        Assert.True(recognise("Content-Type: multipart/encrypted\r\n\r\n"u8));
        Assert.Equal([], context.Asked.Where(IsCryptographic));

        // And the same watch does see it when a key is read.
        var reader = mail.GetType("Smtpy.Mail.Encryption.CertificateReader", throwOnError: true)!.GetMethod("Read")!;
        var options = Activator.CreateInstance(mail.GetType(typeof(EncryptionOptions).FullName!, throwOnError: true)!);
        reader.Invoke(null, [new[] { "0"u8.ToArray() }, TimeProvider.System.GetUtcNow(), options]);
        Assert.Contains(context.Asked, IsCryptographic);
    }

    private static bool IsCryptographic(string? assembly) => assembly is "BouncyCastle.Cryptography" or "MimeKit";

    private sealed class Watching() : AssemblyLoadContext("watching")
    {
        public List<string?> Asked { get; } = [];

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            Asked.Add(assemblyName.Name);
            return null;
        }
    }
}

using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Encryption;
using Xunit;

namespace Smtpy.Mail.Tests.Encryption;

[Collection(nameof(OpenPgpKeys))]
public sealed class OpenPgpKeyTests(OpenPgpFixture keys)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData("rsa", "RSA 2048", true)]
    [InlineData("curve25519", "ECDH Curve25519", true)]
    [InlineData("nist", "ECDH P-384", true)]
    [InlineData("endless", "ECDH P-256", false)]
    public async Task A_usable_key_is_read_armoured_and_binary_and_from_what_was_stored(string name, string algorithm, bool expires)
    {
        var stored = RecipientKeyReader.Read(await keys.ExportAsync(name), Now).Key!.Octets;
        foreach (var octets in new[] { await keys.ExportAsync(name), await keys.ExportAsync(name, armored: true), stored.ToArray() })
        {
            var result = RecipientKeyReader.Read(octets, Now);
            Assert.True(result.IsUsable, result.Reason);
            Assert.Equal(RecipientKeyKind.OpenPgp, result.Key.Kind);
            Assert.Equal(algorithm, result.Key.Algorithm);
            Assert.Equal(keys.Fingerprints[name], result.Key.Fingerprint);
            Assert.Equal([$"{name} J\u00fcrgen <{name}@recipient.example>"], result.Key.UserIds);
            Assert.Equal(expires, result.Key.ExpiresAt is not null);
            if (expires)
            {
                Assert.InRange(result.Key.ExpiresAt!.Value, Now.AddDays(360), Now.AddDays(370));
            }
        }
    }

    [Theory]
    [InlineData("signing", KeyFault.CannotEncrypt)]
    [InlineData("weak", KeyFault.Weak)]
    [InlineData("brainpool", KeyFault.Unsupported)]
    [InlineData("revoked", KeyFault.Revoked)]
    [InlineData("subkey-revoked", KeyFault.Revoked)]
    public async Task A_key_that_cannot_be_used_is_refused_in_a_sentence(string name, KeyFault fault)
    {
        var result = RecipientKeyReader.Read(await keys.ExportAsync(name), Now);
        Assert.False(result.IsUsable);
        Assert.Equal(fault, result.Fault);
        Assert.EndsWith(".", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2 * 365, KeyFault.Expired)]
    [InlineData(-30, KeyFault.NotYetValid)]
    public async Task Dates_are_compared_with_the_time_given(int days, KeyFault fault) =>
        Assert.Equal(fault, RecipientKeyReader.Read(await keys.ExportAsync("rsa"), Now.AddDays(days)).Fault);

    [Fact]
    public async Task Private_keys_are_refused_in_either_form()
    {
        Assert.Equal(KeyFault.PrivateKey, RecipientKeyReader.Read(await keys.ExportAsync("rsa", secret: true), Now).Fault);
        Assert.Equal(KeyFault.PrivateKey, RecipientKeyReader.Read(await keys.ExportAsync("rsa", armored: true, secret: true), Now).Fault);
    }

    [Fact]
    public async Task Several_keys_are_refused_in_one_block_and_in_several()
    {
        byte[] both = [.. await keys.ExportAsync("rsa"), .. await keys.ExportAsync("nist")];
        Assert.Equal(KeyFault.SeveralKeys, RecipientKeyReader.Read(both, Now).Fault);
        byte[] armored = [.. await keys.ExportAsync("rsa", armored: true), .. await keys.ExportAsync("nist", armored: true)];
        Assert.Equal(KeyFault.SeveralKeys, RecipientKeyReader.Read(armored, Now).Fault);
    }

    [Fact]
    public async Task Text_around_the_armour_and_its_headers_are_passed_over()
    {
        var armored = Encoding.ASCII.GetString(await keys.ExportAsync("rsa", armored: true));
        var wrapped = "Here is my key:\r\n\r\n" + armored.Replace("BLOCK-----\n\n", "BLOCK-----\nComment: a: b\nVersion: 1\n\n", StringComparison.Ordinal)
            .Replace("\n", "\r\n", StringComparison.Ordinal) + "-- \r\nRegards";
        Assert.True(RecipientKeyReader.Read(Encoding.ASCII.GetBytes(wrapped), Now).IsUsable);
    }

    [Fact]
    public async Task A_subkey_that_the_primary_key_has_not_signed_is_not_used()
    {
        // The subkey and its binding of one key put behind the user id of another.
        var (owner, stranger) = (await keys.ExportAsync("signing"), await keys.ExportAsync("rsa"));
        var subkey = SubkeyOffset(stranger);
        Assert.Equal(KeyFault.CannotEncrypt, RecipientKeyReader.Read([.. owner, .. stranger[subkey..]], Now).Fault);
    }

    [Fact]
    public async Task A_changed_octet_anywhere_never_yields_another_key()
    {
        var original = await keys.ExportAsync("curve25519");
        var trusted = RecipientKeyReader.Read(original, Now).Key!;
        var subkey = original[SubkeyOffset(original)..][..56];
        for (var position = 0; position < original.Length; position++)
        {
            var changed = original.ToArray();
            changed[position] ^= 0x55;
            var result = RecipientKeyReader.Read(changed, Now);
            if (result.IsUsable)
            {
                // Only what no signature covers may differ: the rest of the key that encrypts is as it was.
                Assert.Equal(trusted.Fingerprint, result.Key.Fingerprint);
                Assert.True(result.Key.Octets.Span.IndexOf(subkey) >= 0);
            }
        }
    }

    [Fact]
    public async Task A_file_beyond_the_limit_is_not_even_looked_at()
    {
        var options = new EncryptionOptions { MaxKeyOctets = 100 };
        Assert.Equal(KeyFault.TooLarge, RecipientKeyReader.Read(await keys.ExportAsync("rsa"), Now, options).Fault);
    }

    [Fact]
    public async Task Numbers_made_to_keep_a_processor_busy_are_refused()
    {
        var options = new EncryptionOptions { MaxRsaBits = 1536, MinRsaBits = 1024 };
        Assert.Equal(KeyFault.Unsupported, RecipientKeyReader.Read(await keys.ExportAsync("rsa"), Now, options).Fault);
    }

    [Fact]
    public async Task No_octets_break_the_reader()
    {
        var (binary, armored) = (await keys.ExportAsync("curve25519"), await keys.ExportAsync("curve25519", armored: true));
        var seeds = Gen.Elements<byte[]>(
            binary, armored, [], [0x30, 0x82], "-----BEGIN "u8.ToArray(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END "u8.ToArray());
        var mutated =
            from octets in seeds
            from cut in Gen.Choose(0, octets.Length)
            from tail in ArbMap.Default.GeneratorFor<byte[]>()
            from flips in Gen.Choose(0, 1 << 20).ListOf(5)
            select Mutate([.. octets[..cut], .. tail, .. octets[cut..]], flips);
        Prop.ForAll(mutated.ToArbitrary(), octets =>
        {
            var result = RecipientKeyReader.Read(octets, Now);
            Assert.True(result.IsUsable ^ result.Reason is not null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static byte[] Mutate(byte[] octets, IEnumerable<int> flips)
    {
        foreach (var flip in flips.Where(_ => octets.Length > 0))
        {
            octets[(flip >> 3) % octets.Length] ^= (byte)(1 << (flip & 7));
        }

        return octets;
    }

    // gpg writes subkeys in the old format: tag 14 with a length of one octet (0xB8) or two (0xB9).
    private static int SubkeyOffset(byte[] key)
    {
        var offset = 0;
        while (key[offset] is not (0xB8 or 0xB9))
        {
            offset += (key[offset] & 3) == 0 ? 2 + key[offset + 1] : 3 + (key[offset + 1] << 8) + key[offset + 2];
        }

        return offset;
    }
}

namespace Smtpy.Tests.Support;

/// <summary>
/// Debian packages that tests run programs of. A missing one fails the test in one line: a silent skip would let the
/// promise go untested.
/// </summary>
public static class RequiredPackages
{
    private static readonly Dictionary<string, string> Programs = new()
    {
        ["postfix"] = "/usr/lib/postfix/sbin/master",
        ["swaks"] = "/usr/bin/swaks",
        ["python3"] = "/usr/bin/python3",
        ["python3-dkim"] = "/usr/lib/python3/dist-packages/dkim/__init__.py",
        ["python3-nacl"] = "/usr/lib/python3/dist-packages/nacl/__init__.py",
        ["python3-dnspython"] = "/usr/lib/python3/dist-packages/dns/__init__.py",
        ["nsd"] = "/usr/sbin/nsd",
        ["opendkim"] = "/usr/sbin/opendkim",
        ["rspamd"] = "/usr/bin/rspamd",
        ["gnupg"] = "/usr/bin/gpg",
        ["chromium"] = "/usr/bin/chromium",
        ["redis-server"] = "/usr/bin/redis-server",
        ["util-linux"] = "/usr/bin/setpriv",
        ["e2fsprogs"] = "/usr/bin/chattr",
        ["postgresql"] = "/usr/bin/psql",
    };

    /// <exception cref="InvalidOperationException">The package is not installed.</exception>
    public static void Need(string package)
    {
        if (!File.Exists(Programs[package]))
        {
            throw new InvalidOperationException(
                $"Debian package {package} is missing: run scripts/test.sh, which installs it, or apt-get install {package}.");
        }
    }
}

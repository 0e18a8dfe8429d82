using Smtpy.Mail.Server.Sasl;

namespace Smtpy.Mail.Tests.Server;

/// <summary>"user" with the password "pencil" and a few more; "broken" cannot be looked up.</summary>
internal sealed class MemoryCredentials : ISaslCredentials
{
    private static readonly Dictionary<string, SaslUser> Users = new()
    {
        ["user"] = User("pencil", "account of user"),
        ["jane@shop.example"] = User("correct horse battery staple", "account of jane"),
        ["m\u00fcller"] = User("stra\u00dfe", "account of m\u00fcller"),
        ["a,b=c"] = User("pencil", "account with commas"),
        ["locked"] = User("pencil", "account that is locked"),
    };

    public ValueTask<SaslUser?> FindAsync(string userName, CancellationToken cancellationToken) =>
        userName == "broken" ? throw new IOException("credentials broken") : ValueTask.FromResult(Users.GetValueOrDefault(userName));

    private static SaslUser User(string password, string account) =>
        new(ScramCredentials.Create(password, ScramCredentials.LeastIterations), account);
}

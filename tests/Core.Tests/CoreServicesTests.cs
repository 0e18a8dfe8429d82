using Microsoft.Extensions.DependencyInjection;
using Smtpy.Core.Aliases;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests;

public sealed class CoreServicesTests
{
    [Fact]
    public async Task Everything_registered_can_be_made_and_works_on_a_fresh_folder()
    {
        var folder = Directory.CreateTempSubdirectory("smtpy-core-");
        try
        {
            var services = new ServiceCollection().AddLogging().AddSmtpyCore(
                new CoreOptions { DataFolder = Path.Combine(folder.FullName, "data"), HostName = "mx.test" });
            await using var provider = services.BuildServiceProvider(
                new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
            Assert.True(await provider.GetRequiredService<DatabaseMigrator>().MigrateAsync(TestContext.Current.CancellationToken));
            await provider.GetRequiredService<IMessageStore>().StartAsync(TestContext.Current.CancellationToken);
            var found = await provider.GetRequiredService<IAliasDirectory>().FindAsync("a", "b.test", TestContext.Current.CancellationToken);
            Assert.Equal(AliasOutcome.ForeignDomain, found.Outcome);
            Assert.Equal(0, await provider.GetRequiredService<ICaptureMailbox>().CountAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

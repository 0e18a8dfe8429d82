using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Smtpy.Web.Tests.Site;

/// <summary>A server elsewhere, that writes down who calls.</summary>
internal sealed class Canary : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Canary(WebApplication app) => _app = app;

    public ConcurrentQueue<string> Calls { get; } = new();

    public string Address => _app.Urls.Single();

    public static async Task<Canary> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var canary = new Canary(app);
        app.Run(context =>
        {
            canary.Calls.Enqueue(context.Request.Path);
            return context.Response.WriteAsync("called");
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return canary;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Smtpy.Web.Tests.Site;

/// <summary>Debian's Chromium, without a profile and without background traffic. The driver comes with the Playwright package.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM_PATH") ?? "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    /// <summary>A tab in a fresh session that notes what it asks for and complains of.</summary>
    internal async Task<WatchedPage> OpenAsync(Uri site, int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = site.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
        });
        return new WatchedPage(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

/// <summary>A browser tab and all it asked for and complained of.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    public WatchedPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        context.Request += (_, request) => Requests.Enqueue(new Uri(request.Url));
        page.Console += (_, message) => Complaints.Enqueue($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => Complaints.Enqueue(error);
        page.Dialog += (_, dialog) => Complaints.Enqueue($"dialog: {dialog.Message}");
    }

    public IPage Page { get; }

    public ConcurrentQueue<Uri> Requests { get; } = new();

    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Opens a path; done when it and its frames have loaded.</summary>
    public Task GoAsync(string path) => Page.GotoAsync(path);

    /// <summary>Writes a picture where SCREENSHOTS names a folder, for a person to look at.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}

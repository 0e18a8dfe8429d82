using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Storage;

public sealed class LookupCacheTests
{
    [Fact]
    public void It_never_holds_more_than_its_capacity_and_the_oldest_go_first()
    {
        var cache = new LookupCache<string, AliasLookup>(10, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < 100; i++)
        {
            cache.Add($"a{i}@x.test", Lookup(i), 1);
        }

        Assert.Equal(10, cache.Count);
        Assert.Null(cache.Find("a89@x.test", 1));
        Assert.NotNull(cache.Find("a90@x.test", 1));
    }

    [Fact]
    public void A_large_one_is_divided_and_holds_about_its_capacity_the_newest_of_all()
    {
        var cache = new LookupCache<string, AliasLookup>(50_000, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < 200_000; i++)
        {
            cache.Add($"a{i}@x.test", Lookup(i), 1);
        }

        Assert.InRange(cache.Count, 49_000, 50_000);
        Assert.All(Enumerable.Range(160_000, 40_000), i => Assert.Equal($"{i}", cache.FindLike($"A{i}@x.test".AsSpan(), 1)?.Address));
        Assert.Null(cache.Find("a100000@x.test", 1));
    }

    [Fact]
    public async Task It_answers_while_others_add()
    {
        var cache = new LookupCache<string, AliasLookup>(1000, StringComparer.OrdinalIgnoreCase);
        await Parallel.ForAsync(0, 8, (part, _) =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var key = $"{i}@x.test";
                cache.Add(key, Lookup(i), 1);
                Assert.True(cache.Find(key, 1) is not { } found || found.Address == $"{i}");
            }

            return ValueTask.CompletedTask;
        });
        Assert.InRange(cache.Count, 900, 1000);
    }

    [Fact]
    public void An_answer_of_another_generation_is_no_answer()
    {
        var cache = new LookupCache<string, AliasLookup>(10, StringComparer.OrdinalIgnoreCase);
        cache.Add("a@x.test", Lookup(1), 1);
        Assert.Null(cache.Find("a@x.test", 2));
        cache.Add("a@x.test", Lookup(2), 2);
        Assert.Equal("2", cache.Find("A@X.test", 2)!.Address);
        Assert.Equal("2", cache.FindLike("A@X.test".AsSpan(), 2)!.Address);
        Assert.Null(cache.FindLike("A@X.test".AsSpan(), 1));
    }

    private static AliasLookup Lookup(int number) =>
        new(AliasOutcome.Forward, number.ToString(System.Globalization.CultureInfo.InvariantCulture), null, null, []);
}

using FsCheck;
using FsCheck.Fluent;
using Smtpy.Smtp.Deliver;
using Xunit;

namespace Smtpy.Smtp.Tests.Deliver;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RetrySchedule Schedule = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 5)]
    [InlineData(3, 15)]
    [InlineData(4, 30)]
    [InlineData(5, 60)]
    [InlineData(6, 120)]
    [InlineData(7, 240)]
    [InlineData(50, 240)]
    public void The_longest_wait_is_the_step_and_the_shortest_the_floor(int attempts, int minutes)
    {
        Assert.Equal(Start.AddMinutes(minutes), Schedule.Next(attempts, Start, Start, 1));
        Assert.Equal(Start.AddSeconds(30), Schedule.Next(attempts, Start, Start, 0));
    }

    [Fact]
    public void Any_try_is_after_now_and_not_after_the_end()
    {
        var samples = (from attempts in Gen.Choose(1, 100)
                       from age in Gen.Choose(0, 6 * 86400)
                       from random in Gen.Choose(0, 1000)
                       select (attempts, Now: Start.AddSeconds(age), Random: random / 1000.0)).ToArbitrary();
        Prop.ForAll(samples, sample => Schedule.Next(sample.attempts, Start, sample.Now, sample.Random) is { } next
            ? next > sample.Now && (next <= Start.AddDays(5) || sample.attempts < Schedule.Steps.Count)
            : sample.Now >= Start.AddDays(5) && sample.attempts >= Schedule.Steps.Count).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_week_without_attempts_gives_up_nothing_at_the_first_one()
    {
        var late = Start.AddDays(7);
        Assert.Equal(late.AddMinutes(1), Schedule.Next(1, Start, late, 1));
        Assert.Equal(late.AddHours(2), Schedule.Next(6, Start, late, 1));
        Assert.Null(Schedule.Next(7, Start, late, 1));
    }

    [Fact]
    public void A_delivery_that_is_always_deferred_is_tried_at_the_very_end_and_then_given_up()
    {
        var now = Start;
        var attempts = 0;
        while (Schedule.Next(++attempts, Start, now, 0.5) is { } next)
        {
            now = next;
        }

        Assert.Equal(Start.AddDays(5), now);
        Assert.InRange(attempts, 30, 100);
    }

    [Fact]
    public void Lanes_wait_longer_each_time_up_to_half_an_hour()
    {
        var waits = Enumerable.Range(1, 8).Select(failures => LaneBackOff.After(failures, 1)).ToArray();
        Assert.Equal(waits.Order(), waits);
        Assert.Equal(TimeSpan.FromSeconds(15), waits[0]);
        Assert.Equal(TimeSpan.FromMinutes(30), waits[^1]);
        Assert.All(Enumerable.Range(1, 8), failures => Assert.Equal(TimeSpan.FromSeconds(10), LaneBackOff.After(failures, 0)));
    }
}

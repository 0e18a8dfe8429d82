using Xunit.Sdk;
using Xunit.v3;

namespace Smtpy.Deployment;

/// <summary>Where a class stands in the life of the one deployment that all of them share: it is built once, and ends once.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StageAttribute(int number) : Attribute
{
    public int Number => number;
}

public sealed class StageOrder : ITestClassOrderer
{
    public IReadOnlyCollection<TTestClass?> OrderTestClasses<TTestClass>(IReadOnlyCollection<TTestClass?> testClasses)
        where TTestClass : notnull, ITestClass => [.. testClasses.OrderBy(static testClass => StageOf(testClass))];

    private static int StageOf(ITestClass? testClass) =>
        (testClass as IXunitTestClass)?.Class.GetCustomAttributes(typeof(StageAttribute), false) is [StageAttribute stage] ? stage.Number : int.MaxValue;
}

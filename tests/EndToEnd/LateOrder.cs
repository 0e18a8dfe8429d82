using Xunit.Sdk;
using Xunit.v3;

namespace Smtpy.EndToEnd;

/// <summary>A class that waits for a moment which comes by itself: after the others of its collection, while which most of that time passes.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LateAttribute : Attribute;

public sealed class LateOrder : ITestClassOrderer
{
    public IReadOnlyCollection<TTestClass?> OrderTestClasses<TTestClass>(IReadOnlyCollection<TTestClass?> testClasses)
        where TTestClass : notnull, ITestClass => [.. testClasses.OrderBy(static testClass => IsLate(testClass))];

    private static bool IsLate(ITestClass? testClass) =>
        testClass is IXunitTestClass { Class: var type } && type.IsDefined(typeof(LateAttribute), inherit: false);
}

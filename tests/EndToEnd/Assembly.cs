using System.Runtime.Versioning;
using Smtpy.EndToEnd;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: SupportedOSPlatform("linux")]

// Each of these tests runs whole servers and loads them: many side by side would only wait for each other. scripts/test.sh runs three
// parts of them at once.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: TestClassOrderer(typeof(LateOrder))]

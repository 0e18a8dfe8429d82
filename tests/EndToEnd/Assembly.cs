using System.Runtime.Versioning;
using Xunit.Sdk;
using Xunit.v3;

[assembly: SupportedOSPlatform("linux")]

// Each of these tests runs whole servers and loads them: side by side they would only measure each other.
[assembly: Parallelization(Mode = ParallelMode.None)]

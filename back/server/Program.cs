using Smtpy.Server.Commands;

// A container is asked every few seconds, and most of what that costs is the start of everything a command might need.
return HealthProbe.TryRun(args) ?? await CommandLine.RunAsync(args);

using Smtpy.Server.Commands;

return await CommandLine.RunAsync(args);

using Smtpy.Fuzz;
using Smtpy.Fuzz.Driver;

return FuzzCommand.Run(FuzzTargets.All, args, Console.Out);

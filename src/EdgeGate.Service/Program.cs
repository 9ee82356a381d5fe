using EdgeGate.Service.Cli;

// A gate starts in a hurry, and making the other verbs costs 40 ms.
return await (args is ["run", ..] ? EdgeGateCommand.CreateRunOnly(TimeProvider.System) : EdgeGateCommand.Create(TimeProvider.System)).Parse(args).InvokeAsync();

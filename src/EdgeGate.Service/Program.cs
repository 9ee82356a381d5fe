using EdgeGate.Service.Cli;

return await EdgeGateCommand.Create(TimeProvider.System).Parse(args).InvokeAsync();

using EdgeGate.Center.Cli;

return await CenterCommand.Create(TimeProvider.System).Parse(args).InvokeAsync();

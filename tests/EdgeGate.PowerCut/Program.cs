using EdgeGate.PowerCut;

return await PowerCutCommand.Create(TimeProvider.System).Parse(args).InvokeAsync();

using EdgeGate.Benchmarks;

return await BenchCommand.Create(TimeProvider.System).Parse(args).InvokeAsync();

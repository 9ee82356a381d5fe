using System.Net.Sockets;
using System.Text;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Tests.Passing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Service.Tests.Health;

/// <summary>What a service manager hears on its socket.</summary>
public sealed class ServiceNoticesTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly Dictionary<string, string> _environment = [];
    private LaneUnderTest _lane = null!;
    private ServiceNotices? _notices;

    public async Task InitializeAsync()
    {
        _manager.Bind(new UnixDomainSocketEndPoint(_directory["notify"]));
        _environment["NOTIFY_SOCKET"] = _directory["notify"];
        _environment["WATCHDOG_USEC"] = "60000000";
        _lane = await LaneUnderTest.CreateAsync();
    }

    public async Task DisposeAsync()
    {
        if (_notices is not null)
            await _notices.StopAsync(CancellationToken.None).InTime();
        await _lane.DisposeAsync();
    }

    public void Dispose()
    {
        _notices?.Dispose();
        _manager.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task It_is_ready_when_the_gate_has_started_and_lives_while_its_lanes_go_round()
    {
        await StartAsync();
        Assert.Equal(0, _manager.Available);
        _lifetime.NotifyStarted();
        Assert.Equal("READY=1", await HearAsync());
        Assert.Equal("WATCHDOG=1", await HearAsync());
        for (var sign = 0; sign < 5; sign++)
            Assert.Equal("WATCHDOG=1", await RoundAsync());
        await _notices!.StopAsync(CancellationToken.None).InTime();
        Assert.Equal("STOPPING=1", await HearAsync());
    }

    [Fact]
    public async Task A_lane_that_hangs_ends_the_signs_of_life()
    {
        await StartAsync();
        _lifetime.NotifyStarted();
        await HearAsync();
        await HearAsync();
        await RoundAsync();

        _lane.Time.Advance(TimeSpan.FromSeconds(20)); // one sign more: a lane may take its time
        Assert.Equal("WATCHDOG=1", await HearAsync());
        _lane.Time.Advance(TimeSpan.FromSeconds(20));
        _lane.Time.Advance(TimeSpan.FromSeconds(20));
        await _notices!.StopAsync(CancellationToken.None).InTime();
        Assert.Equal("STOPPING=1", await HearAsync());
    }

    [Theory]
    [InlineData("NOTIFY_SOCKET", null)]
    [InlineData("WATCHDOG_USEC", null)]
    [InlineData("WATCHDOG_PID", "1")]
    public async Task Where_nobody_watches_nothing_is_said(string variable, string? value)
    {
        _environment[variable] = value!;
        await StartAsync();
        _lifetime.NotifyStarted();
        if (variable != "NOTIFY_SOCKET")
            Assert.Equal("READY=1", await HearAsync());
        _lane.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, _manager.Available);
    }

    private async Task StartAsync()
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(_lane.Time).AddSingleton(new Lanes([_lane.Lane])).AddSingleton<IHostApplicationLifetime>(_lifetime)
            .AddSingleton<ILogger<ServiceNotices>>(new ListLogger<ServiceNotices>()).BuildServiceProvider();
        _notices = ServiceNotices.FromEnvironment(name => _environment.GetValueOrDefault(name), services);
        await _notices.StartAsync(CancellationToken.None);
    }

    /// <summary>A third of the manager's patience, in which the lane came round.</summary>
    private async Task<string> RoundAsync()
    {
        _lane.Time.Advance(TimeSpan.FromSeconds(19));
        _lane.Lane.LastRound = _lane.Clock.SinceBoot;
        _lane.Time.Advance(TimeSpan.FromSeconds(1));
        return await HearAsync();
    }

    private async Task<string> HearAsync()
    {
        var heard = new byte[64];
        return Encoding.ASCII.GetString(heard, 0, await _manager.ReceiveAsync(heard.AsMemory(), CancellationToken.None).InTime());
    }
}

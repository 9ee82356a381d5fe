using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>What is wrong with the stand-in.</summary>
public enum SimulatedFault
{
    None,

    /// <summary>Takes the question and never answers.</summary>
    Slow,

    /// <summary>Answers 500.</summary>
    ServerError,

    /// <summary>Answers 200 with bytes that are not JSON.</summary>
    Garbage,

    /// <summary>Answers 302 to itself.</summary>
    Redirect,

    /// <summary>Answers with a good reply behind megabytes of white space.</summary>
    HugeReply,

    /// <summary>Breaks the connection in the middle of the reply.</summary>
    Cut,

    /// <summary>Names a colour nobody knows.</summary>
    UnknownColour,
}

/// <summary>
/// A provider that is not there: a web server on this machine for tests, demo and trying out. It knows everybody, and the word after
/// <c>SIM:</c> in a token decides: green, yellow, red, expired, unknown (<c>SIM:green:0001</c>); any other token is unknown.
/// </summary>
public sealed class SimulatedProvider : IAsyncDisposable
{
    private static readonly byte[] Secret = "an invented secret of the stand-in"u8.ToArray();

    private readonly WebApplication _app;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly List<JsonObject> _passages = [];
    private int _asked;

    private SimulatedProvider(WebApplication app, TimeProvider time) => (_app, _time) = (app, time);

    /// <summary>May change while it runs.</summary>
    public SimulatedFault Fault { get; set; }

    /// <summary>Questions that arrived, also those it answered wrongly.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Bodies of the passages reported, oldest first; at most the last 1,000.</summary>
    public IReadOnlyList<JsonObject> Passages
    {
        get { lock (_lock) return [.. _passages]; }
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Settings that fit this server.</summary>
    public ProviderOptions Options => OptionsFor(Address);

    /// <param name="port">TCP port on the loopback address; 0 takes a free one.</param>
    /// <param name="time">For the time of the invented test, 20 hours ago.</param>
    /// <param name="certificate">With its key, for https; null: http.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SimulatedProvider> StartAsync(int port, TimeProvider time, X509Certificate2? certificate = null, CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        var app = builder.Build();
        var provider = new SimulatedProvider(app, time);
        app.Run(provider.ServeAsync);
        await app.StartAsync(cancellationToken);
        provider.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        return provider;
    }

    public static ProviderOptions OptionsFor(Uri address) => new()
    {
        Id = "simulated",
        Verify = new ProviderEndpoint
        {
            Address = new Uri(address, "verify").AbsoluteUri,
            Body = """
                {"requestId":"{requestId}","time":"{timestamp:json}","device":"{device}","place":"{place}","kind":"{kind}","value":"{token}","celsius":"{celsius:json}"}
                """,
        },
        Report = new ProviderEndpoint
        {
            Address = new Uri(address, "passages").AbsoluteUri,
            Body = """{"requestId":"{requestId}","time":"{timestamp:json}","device":"{device}","place":"{place}","passed":"{passed:json}"}""",
        },
        Signature = new ProviderSignature { Secret = Secret },
        Reply = new ProviderReplyForm
        {
            Colour = ["code", "data.color"],
            States = new Dictionary<string, HealthCodeStatus>(ProviderPresets.ColourNames, StringComparer.OrdinalIgnoreCase)
            {
                ["NOT_FOUND"] = HealthCodeStatus.ProviderNotFound,
                ["EXPIRED"] = HealthCodeStatus.ProviderExpired,
            },
            TestTime = "data.testTime",
            MaskedName = "data.name",
            Message = "message",
        },
    };

    public async ValueTask DisposeAsync()
    {
        // Who still waits for a slow answer is cut off.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        if (await ReadAsync(http) is not { } body)
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
        else if (!IsSigned(body))
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else if (http.Request.Path == "/verify")
            await AnswerAsync(http, body);
        else if (http.Request.Path == "/passages")
            Take(body);
        else
            http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private async Task AnswerAsync(HttpContext http, JsonObject question)
    {
        Interlocked.Increment(ref _asked);
        var reply = Encoding.UTF8.GetBytes(Reply(question).ToJsonString());
        switch (Fault)
        {
            case SimulatedFault.Slow:
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case SimulatedFault.ServerError:
                http.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;
            case SimulatedFault.Garbage:
                await http.Response.Body.WriteAsync(new byte[] { 0x7B, 0xFF, 0x00, 0x22 }, http.RequestAborted);
                break;
            case SimulatedFault.Redirect:
                http.Response.Redirect("/verify");
                break;
            case SimulatedFault.HugeReply:
                var blank = Encoding.ASCII.GetBytes(new string(' ', 64 * 1024));
                for (var i = 0; i < 256; i++)
                    await http.Response.Body.WriteAsync(blank, http.RequestAborted);
                await http.Response.Body.WriteAsync(reply, http.RequestAborted);
                break;
            case SimulatedFault.Cut:
                http.Response.ContentLength = reply.Length;
                await http.Response.Body.WriteAsync(reply.AsMemory(0, reply.Length / 2), http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                http.Abort();
                break;
            default:
                await http.Response.Body.WriteAsync(reply, http.RequestAborted);
                break;
        }
    }

    private JsonObject Reply(JsonObject question)
    {
        var word = question["value"]?.GetValue<string>().Split(':') is ["SIM", var second, ..] ? second : "unknown";
        if (word is not ("green" or "yellow" or "red"))
            return new JsonObject { ["code"] = word is "expired" ? "EXPIRED" : "NOT_FOUND" };
        return new JsonObject
        {
            ["code"] = "OK",
            ["message"] = "invented by the stand-in",
            ["data"] = new JsonObject
            {
                ["color"] = Fault == SimulatedFault.UnknownColour ? "mauve" : word,
                ["testTime"] = (_time.GetUtcNow() - TimeSpan.FromHours(20)).ToString("O", CultureInfo.InvariantCulture),
                ["name"] = "测**",
            },
        };
    }

    private void Take(JsonObject passage)
    {
        lock (_lock)
        {
            if (_passages.Count == 1_000)
                _passages.RemoveAt(0);
            _passages.Add(passage);
        }
    }

    private static async Task<JsonObject?> ReadAsync(HttpContext http)
    {
        try
        {
            return await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static bool IsSigned(JsonObject body)
    {
        var options = new ProviderSignature { Secret = Secret };
        return body[options.Name] is JsonValue sign && sign.TryGetValue(out string? given)
            && given == ParameterSignature.Of(options, ParameterSignature.Parameters(body).Where(parameter => parameter.Key != options.Name));
    }
}

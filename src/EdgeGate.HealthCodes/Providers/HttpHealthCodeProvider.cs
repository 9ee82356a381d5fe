using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Hedging;
using Polly.Timeout;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>
/// Asks a server over HTTP what a code is worth. The caller waits no longer than <see cref="ProviderOptions.Budget"/> and always gets
/// an answer that says where it comes from. Safe to use from many lanes at once.
/// </summary>
public sealed class HttpHealthCodeProvider : IDisposable
{
    private readonly ProviderOptions _options;
    private readonly TimeProvider _time;
    private readonly ProviderClient _client;
    private readonly RequestTemplate _verify;
    private readonly RequestTemplate? _report;
    private readonly ResiliencePipeline<ProviderReply> _asking;
    private readonly ResiliencePipeline _reporting;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly ConcurrencyLimiter _lanes;
    private readonly CallRate _rate;
    private readonly GreenCache? _greens;
    private readonly PassageReports _reports = new();
    private readonly byte[] _hashKey;

    /// <param name="options">Everything about the provider.</param>
    /// <param name="time">For budgets, breaker, rate, ages and stamps.</param>
    /// <exception cref="ProviderOptionsException">The options cannot be used; the message says why.</exception>
    public HttpHealthCodeProvider(ProviderOptions options, TimeProvider time)
    {
        ProviderOptionsCheck.ThrowIfUnusable(options);
        (_options, _time) = (options, time);
        _verify = RequestTemplate.ForQuestions(options.Verify, options.Signature);
        _report = options.Report is { } report ? RequestTemplate.ForReports(report, options.Signature) : null;
        _client = new ProviderClient(options.Tls, options.MaxReplyBytes, options.Budget);
        _lanes = new ConcurrencyLimiter(new() { PermitLimit = options.MaxConcurrent });
        _rate = new CallRate(options.MaxPerMinute, time);
        _greens = options.Offline.CachedGreenFor is { } greenFor ? new GreenCache(greenFor, options.Offline.CachedGreens, time) : null;
        _hashKey = options.HashKey?.ToArray() ?? RandomNumberGenerator.GetBytes(32);
        _asking = AskingPipeline();
        _reporting = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(options.Budget).Build();
    }

    public string Id => _options.Id;

    /// <summary>Whether asking is suspended after repeated faults.</summary>
    public bool IsSuspended => _breaker.CircuitState is CircuitState.Open or CircuitState.Isolated;

    public PassageReportCounts Reports => _reports.Counts;

    /// <summary>Asks the provider, and answers by the offline policy when that fails.</summary>
    /// <param name="question">About whom.</param>
    /// <param name="cancellationToken">Nobody waits for the answer any more.</param>
    /// <exception cref="OperationCanceledException">As asked. Nothing else is thrown.</exception>
    public async Task<ProviderAnswer> AskAsync(ProviderQuestion question, CancellationToken cancellationToken)
    {
        var call = new Call(question, Guid.CreateVersion7(_time.GetUtcNow()).ToString("N"), _time.GetUtcNow());
        var began = _time.GetTimestamp();
        var reply = question.Token.Length is 0 or > ProviderQuestion.MaxTokenLength
            ? new ProviderReply { Status = HealthCodeStatus.Malformed }
            : await AskWithinLimitsAsync(call, cancellationToken);
        var hash = HashOf(question.Token);
        if (reply.Fault is null || reply.IsNotUnderstood)
            _greens?.Note(hash, reply);
        var cached = reply.Fault is null ? null : _greens?.Find(hash);
        var told = cached?.Reply ?? reply;
        return new ProviderAnswer
        {
            Status = told.Status,
            ProviderId = Id,
            RequestId = call.RequestId,
            TokenHash = hash,
            Source = reply.Fault is null ? AnswerSource.Provider : cached is null ? AnswerSource.OfflinePolicy : AnswerSource.Cache,
            WhenOffline = reply.Fault is not null && cached is null ? _options.Offline.Answer : null,
            CachedSince = cached?.Age,
            Colour = told.Colour,
            TestAge = told.TestAge + (cached?.Age ?? TimeSpan.Zero),
            MaskedName = told.MaskedName,
            Message = told.Message,
            Fault = reply.Fault,
            Took = _time.GetElapsedTime(began),
            Attempts = call.Attempts,
        };
    }

    /// <summary>Tells the provider later what really happened; never waits, and drops the oldest when too many wait. Nothing happens without <see cref="ProviderOptions.Report"/>.</summary>
    public void Report(ProviderPassage passage)
    {
        if (_report is not null)
            _reports.Add(passage);
    }

    /// <summary>Sends reports until stopped; the host runs it once beside the lanes.</summary>
    /// <exception cref="OperationCanceledException">As asked.</exception>
    public Task RunReportsAsync(CancellationToken stopping) => _reports.RunAsync(SendReportAsync, stopping);

    public void Dispose()
    {
        _client.Dispose();
        _lanes.Dispose();
    }

    private ResiliencePipeline<ProviderReply> AskingPipeline()
    {
        // Outermost the breaker, which so counts questions and sees those that ran out of time; innermost the attempts.
        var builder = new ResiliencePipelineBuilder<ProviderReply> { TimeProvider = _time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<ProviderReply>
            {
                ShouldHandle = new PredicateBuilder<ProviderReply>().Handle<TimeoutRejectedException>().HandleResult(reply => reply.Fault is not null),
                FailureRatio = 0.5,
                MinimumThroughput = _options.Breaker.Faults,
                SamplingDuration = _options.Breaker.Window,
                BreakDuration = _options.Breaker.OpenFor,
                StateProvider = _breaker,
            })
            .AddTimeout(_options.Budget);
        if (_options.SecondAttemptAfter is { } after)
        {
            builder.AddHedging(new HedgingStrategyOptions<ProviderReply>
            {
                ShouldHandle = new PredicateBuilder<ProviderReply>().HandleResult(reply => reply.MayPass),
                MaxHedgedAttempts = 1,
                Delay = after,
            });
        }
        return builder.Build();
    }

    private async Task<ProviderReply> AskWithinLimitsAsync(Call call, CancellationToken cancellationToken)
    {
        if (!_rate.TryTake())
            return ProviderReply.Failed($"not asked: more than {_options.MaxPerMinute} questions a minute");
        using var lane = _lanes.AttemptAcquire();
        if (!lane.IsAcquired)
            return ProviderReply.Failed($"not asked: {_options.MaxConcurrent} questions are under way");
        try
        {
            return await _asking.ExecuteAsync((asked, cancelled) => AttemptAsync(asked, cancelled), call, cancellationToken);
        }
        catch (TimeoutRejectedException)
        {
            return ProviderReply.Failed(string.Create(CultureInfo.InvariantCulture, $"no answer within {_options.Budget.TotalSeconds:0.###} s"), status: HealthCodeStatus.ProviderTimeout);
        }
        catch (BrokenCircuitException)
        {
            return ProviderReply.Failed("not asked: it failed repeatedly, and asking is suspended for a while");
        }
    }

    private async ValueTask<ProviderReply> AttemptAsync(Call call, CancellationToken cancellationToken)
    {
        call.CountAttempt();
        using var message = _verify.Fill(call.Question, call.RequestId, call.At);
        var (body, fault) = await _client.SendAsync(message, cancellationToken);
        return fault ?? ReplyReader.Read(body, _options.Reply, _time.GetUtcNow());
    }

    private async Task<bool> SendReportAsync(ProviderPassage passage, CancellationToken stopping)
    {
        try
        {
            return await _reporting.ExecuteAsync(async cancelled =>
            {
                using var message = _report!.Fill(passage);
                return (await _client.SendAsync(message, cancelled)).Fault is null;
            }, stopping);
        }
        catch (TimeoutRejectedException)
        {
            return false;
        }
    }

    private string HashOf(string token) => Convert.ToHexStringLower(HMACSHA256.HashData(_hashKey, Encoding.UTF8.GetBytes(token))[..16]);

    private sealed class Call(ProviderQuestion question, string requestId, DateTimeOffset at)
    {
        private int _attempts;

        public ProviderQuestion Question => question;
        public string RequestId => requestId;
        public DateTimeOffset At => at;
        public int Attempts => Volatile.Read(ref _attempts);

        public void CountAttempt() => Interlocked.Increment(ref _attempts);
    }
}

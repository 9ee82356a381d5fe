using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>Who gets in, who does not, and what is on record of it.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private GuardPostHost _host = null!;
    private ManualTime _time = null!;

    public async Task InitializeAsync()
    {
        _host = await GuardPostHost.StartAsync();
        _time = _host.Lane.Time;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_guard_signs_in_and_out_and_both_are_on_record()
    {
        using var browser = await _host.SignedInAsync();
        using var session = await browser.GetAsync("session");
        Assert.Equal("li", (await GuardBrowser.JsonOf(session)).GetProperty("guard").GetString());

        using var gone = await browser.PostAsync("sign-out", new { });

        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.False(await browser.IsSignedInAsync());
        Assert.Equal(["signed-in", "signed-out"], _host.Records(GuardSessionRecord.Type).Select(record => record.GetProperty("event").GetString()));
    }

    [Fact]
    public async Task The_cookie_is_out_of_the_reach_of_scripts_and_other_sites()
    {
        using var browser = _host.NewBrowser();
        using var answer = await browser.SignInAsync("li", GuardPostHost.Pin);

        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie =>
        {
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task A_session_that_was_planted_before_is_not_the_one_signed_in()
    {
        using var browser = _host.NewBrowser();
        browser.Plant(new Cookie("guard", new string('A', 43), "/"));
        using var answer = await browser.SignInAsync("li", GuardPostHost.Pin);

        Assert.NotEqual(new string('A', 43), browser.Cookies.Single(cookie => cookie.Name == "guard").Value);
        using var attacker = _host.NewBrowser();
        attacker.Plant(new Cookie("guard", new string('A', 43), "/"));
        Assert.False(await attacker.IsSignedInAsync());
    }

    [Fact]
    public async Task An_account_that_does_not_exist_gets_the_same_answer_as_a_wrong_pin()
    {
        using var browser = _host.NewBrowser();
        using var wrong = await browser.SignInAsync("li", "000000");
        using var nobody = await browser.SignInAsync("nobody", "000000");

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(wrong.StatusCode, nobody.StatusCode);
        Assert.Equal(await wrong.Content.ReadAsStringAsync(), await nobody.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Ten_thousand_wrong_pins_are_refused_nearly_all_unlooked_at_and_leave_a_handful_of_records()
    {
        var signIn = _host.Services.GetRequiredService<SignIn>();
        var looked = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var from = new IPAddress([10, 0, (byte)(i / 250 % 4), (byte)(i % 250)]); // a thousand addresses
            if (await signIn.CheckAsync("li", i.ToString("D6"), phone: null, from, CancellationToken.None) is SignInAnswer.Wrong)
                looked++;
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }
        await _host.StopAsync();

        Assert.InRange(looked, 5, 8); // five at once, then 30 s, 60 s … within 100 s
        var records = _host.Records(GuardSignInsRefusedRecord.Type);
        Assert.InRange(records.Count, 1, 3);
        Assert.Equal(10_000, records.SelectMany(record => record.GetProperty("refused").EnumerateArray()).Sum(refused => refused.GetProperty("count").GetInt64()));
    }

    [Fact]
    public async Task Ten_thousand_wrong_pins_over_the_network_at_full_speed_open_nothing_and_are_all_on_record()
    {
        using var own = await _host.SignedInAsync();
        using var guesser = new HttpClient();
        var answers = new ConcurrentDictionary<HttpStatusCode, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (pin, cancellation) =>
        {
            using var form = JsonContent.Create(new { guard = "li", secret = pin.ToString("D6") });
            await form.LoadIntoBufferAsync(cancellation);
            using var answer = await guesser.PostAsync(new Uri(_host.Address, "/guard/api/sign-in"), form, cancellation);
            answers.AddOrUpdate(answer.StatusCode, 1, (_, count) => count + 1);
        });
        using var again = await own.SignInAsync("li", GuardPostHost.Pin);
        await _host.StopAsync();

        Assert.Equal(HttpStatusCode.OK, again.StatusCode); // on the guard's own phone
        Assert.InRange(answers.GetValueOrDefault(HttpStatusCode.Unauthorized), 1, 5);
        Assert.Equal(10_000, answers.GetValueOrDefault(HttpStatusCode.Unauthorized) + answers.GetValueOrDefault(HttpStatusCode.TooManyRequests));
        Assert.Equal(10_000, _host.Records(GuardSignInsRefusedRecord.Type)
            .SelectMany(record => record.GetProperty("refused").EnumerateArray()).Sum(refused => refused.GetProperty("count").GetInt64()));
    }

    [Fact]
    public async Task A_stranger_who_locks_the_account_does_not_lock_the_guards_own_phone()
    {
        using var phone = await _host.SignedInAsync();
        using var stranger = _host.NewBrowser();
        for (var i = 0; i < 6; i++)
            using (await stranger.SignInAsync("li", "000000")) { }
        using var locked = await stranger.SignInAsync("li", GuardPostHost.Pin);

        using var own = await phone.SignInAsync("li", GuardPostHost.Pin);

        Assert.Equal(HttpStatusCode.TooManyRequests, locked.StatusCode);
        Assert.NotNull(locked.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Fact]
    public async Task The_guards_own_phone_is_locked_too_when_it_guesses_and_opens_after_the_wait()
    {
        using var phone = await _host.SignedInAsync();
        for (var i = 0; i < 5; i++)
            using (await phone.SignInAsync("li", "000000")) { }
        using var locked = await phone.SignInAsync("li", GuardPostHost.Pin);
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.StatusCode);

        _time.Advance(TimeSpan.FromSeconds(30));

        using var open = await phone.SignInAsync("li", GuardPostHost.Pin);
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
    }

    [Fact]
    public async Task A_phone_left_alone_is_nobodys_after_half_an_hour()
    {
        using var browser = await _host.SignedInAsync();
        _time.Advance(GuardSessions.IdleFor - TimeSpan.FromSeconds(1));
        Assert.True(await browser.IsSignedInAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await browser.IsSignedInAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_is_taken_off_or_reset_is_out_at_once(bool removed)
    {
        using var browser = await _host.SignedInAsync();

        if (removed)
            _host.Book.Remove("li");
        else
            _host.Book.Put(new Guard("li", GuardRole.Guard, SecretHash.Of("135792"), Guid.NewGuid()));

        Assert.False(await browser.IsSignedInAsync());
    }

    [Fact]
    public async Task A_fifth_phone_ends_the_session_used_longest_ago()
    {
        using var first = await _host.SignedInAsync();
        for (var i = 0; i < GuardSessions.MostOfOne; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            using var next = await _host.SignedInAsync();
        }

        Assert.False(await first.IsSignedInAsync());
    }

    [Fact]
    public async Task A_damaged_file_of_guards_lets_nobody_in_and_is_not_overwritten()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("guards.json", "{ half");
        var book = new GuardBook(file);

        Assert.Empty(book.All(out var fault));
        Assert.NotNull(fault);
        Assert.Throws<IOException>(() => book.Put(new Guard("li", GuardRole.Guard, "", Guid.Empty)));
        Assert.Equal("{ half", await File.ReadAllTextAsync(file));
    }

    /// <summary>Everything that is not a GET, whatever is added later.</summary>
    private IReadOnlyList<string> ChangingPaths() =>
    [
        .. _host.Services.GetRequiredService<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { } methods && !methods.HttpMethods.Contains("GET"))
            .Select(endpoint => endpoint.RoutePattern.RawText!["/guard/api/".Length..]).Where(path => path != "sign-in"),
    ];

    [Fact]
    public async Task Nothing_that_changes_anything_answers_without_sign_in()
    {
        Assert.NotEmpty(ChangingPaths());
        foreach (var path in ChangingPaths())
        {
            using var browser = _host.NewBrowser();
            using var answer = await browser.PostAsync(path, new { });
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Nothing_that_changes_anything_answers_another_sites_page()
    {
        using var browser = await _host.SignedInAsync("chen", GuardPostHost.SupervisorPin);
        foreach (var path in ChangingPaths())
        {
            foreach (var alter in new Action<HttpRequestMessage>[]
            {
                request => request.Headers.Remove("X-Form-Token"),
                request => { request.Headers.Remove("X-Form-Token"); request.Headers.Add("X-Form-Token", new string('A', 43)); },
                request => { request.Headers.Remove("Origin"); request.Headers.Add("Origin", "https://elsewhere.example"); },
                request => request.Headers.Add("Sec-Fetch-Site", "cross-site"),
            })
            {
                using var answer = await browser.SendAsync(HttpMethod.Post, path, JsonContent.Create(new { }), alter);
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            }
        }
        Assert.True(await browser.IsSignedInAsync()); // sign-out was among them
    }

    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("gate.estate.example", true)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("192.168.1.20", true)] // an address cannot be pointed elsewhere
    [InlineData("[::1]", true)]
    public async Task A_forged_host_gets_nothing_not_even_the_page(string host, bool answered)
    {
        using var browser = _host.NewBrowser();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/guard");
        request.Headers.Host = host;
        using var page = await browser.Http.SendAsync(request);

        Assert.Equal(answered ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, page.StatusCode);
    }

    [Fact]
    public async Task A_form_that_is_too_large_or_none_is_refused()
    {
        using var browser = await _host.SignedInAsync();
        foreach (var content in new HttpContent[]
        {
            new StringContent(new string(' ', 20_000), System.Text.Encoding.UTF8, "application/json"),
            new StringContent("guard=li&secret=1", System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"),
            new StringContent("[[[[[[[[[[[[", System.Text.Encoding.UTF8, "application/json"),
            new StringContent("", System.Text.Encoding.UTF8, "application/json"),
        })
        {
            using var answer = await browser.SendAsync(HttpMethod.Post, "sign-in", content);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_session_that_asks_too_fast_is_told_to_wait()
    {
        using var browser = await _host.SignedInAsync();
        var codes = new List<HttpStatusCode>();
        for (var i = 0; i < 60; i++)
        {
            using var answer = await browser.GetAsync("session");
            codes.Add(answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, codes[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, codes[^1]);
    }
}

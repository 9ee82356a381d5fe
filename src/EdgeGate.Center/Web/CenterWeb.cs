using EdgeGate.Center.Fleet;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.People;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tracing;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Fleet;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Center.Web.People;
using EdgeGate.Center.Web.Reports;
using EdgeGate.Center.Web.Tracing;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;

namespace EdgeGate.Center.Web;

/// <summary>The center's pages: what they need, and which there are.</summary>
internal static class CenterWeb
{
    private const int LargestForm = 4 * 1024 * 1024;

    /// <summary>Three of each zone of a plan, of which there may be as many as buildings.</summary>
    private const int MostFields = 2000;

    public static void Add(WebApplicationBuilder builder, CenterSettings settings)
    {
        builder.Services.AddSingleton(new HostCheck(settings.Web.Names)).AddSingleton<RequestRates>();
        builder.Services.AddSingleton<AccountBook>().AddSingleton<AccountSessions>().AddSingleton<SignIn>();
        builder.Services.AddSingleton<Audit>().AddSingleton<Tracer>().AddSingleton(new PersonSearch(settings.Sites));
        builder.Services.AddSingleton<FleetBoard>().AddSingleton<SiteGrounds>().AddSingleton<DailyReports>();
        builder.Services.AddSingleton(provider => new CommandDesk(
            settings.OperatorKey, provider.GetRequiredService<CenterOutbox>(), provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<TimeProvider>()));
        PeopleSetup.Add(builder.Services, settings);
        builder.Services.Configure<FormOptions>(forms =>
        {
            (forms.ValueCountLimit, forms.KeyLengthLimit, forms.ValueLengthLimit) = (MostFields, 100, 64 * 1024);
            forms.MultipartBodyLengthLimit = LargestForm;
        });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = LargestForm + 64 * 1024);
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var (pages, services) = (new CenterPages(routes), routes.ServiceProvider);
        PageFiles.Map(pages);
        AccountPages.Map(pages, services);
        PeoplePages.Map(pages, services);
        FleetPages.Map(pages, services);
        GatePage.Map(pages, services);
        PlanPages.Map(pages, services);
        TracePages.Map(pages, services);
        AuditPage.Map(pages, services);
        ReportPages.Map(pages, services);
        pages.MapOpenGet("/{**nowhere}", visit => Task.FromResult(CenterPages.NoSuchPage(visit))); // a browser would show a page of its own, in its own words
    }
}

using EdgeGate.Center.Settings;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Center.Web.People;
using Microsoft.AspNetCore.Http.Features;

namespace EdgeGate.Center.Web;

/// <summary>The center's pages: what they need, and which there are.</summary>
internal static class CenterWeb
{
    private const int LargestForm = 4 * 1024 * 1024;

    public static void Add(WebApplicationBuilder builder, WebSettings settings)
    {
        builder.Services.AddSingleton(new HostCheck(settings.Names)).AddSingleton<RequestRates>();
        builder.Services.AddSingleton<AccountBook>().AddSingleton<AccountSessions>().AddSingleton<SignIn>();
        builder.Services.Configure<FormOptions>(forms =>
        {
            (forms.ValueCountLimit, forms.KeyLengthLimit, forms.ValueLengthLimit) = (200, 100, 64 * 1024);
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
    }
}

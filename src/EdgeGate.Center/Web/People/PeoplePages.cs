using EdgeGate.Center.Households;
using EdgeGate.Center.People;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Center.Web.Households;
using EdgeGate.Center.Web.Registers;

namespace EdgeGate.Center.Web.People;

/// <summary>Which pages about people there are: as many as there are keys for.</summary>
internal static class PeoplePages
{
    public static void Map(CenterPages pages, IServiceProvider services)
    {
        RegisterPages.Map(pages, services);
        NoticePages.Map(pages, services);
        if (services.GetService<PassDesk>() is not null)
            PassPages.Map(pages, services);
        if (services.GetService<PersonFiles>() is not null)
        {
            FilePages.Map(pages, services);
            MeasurePages.Map(pages, services);
        }
        if (services.GetService<HouseholdAccess>() is not null)
            HomePages.Map(pages, services);
    }
}

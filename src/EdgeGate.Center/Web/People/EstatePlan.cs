using EdgeGate.Center.People;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.People;

/// <summary>The estate as a picture: each building a rectangle with how many files are open in it and how many measures are missing.</summary>
internal static class EstatePlan
{
    private const int Smallest = 40, Largest = 2000;

    /// <summary>Lines of building, x, y, width and height; null when one is none.</summary>
    public static IReadOnlyList<BuildingPlace>? Read(string lines)
    {
        var places = new List<BuildingPlace>();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries) is not [{ Length: <= 60 } building, var x, var y, var width, var height]
                || FormReading.Whole(x, 0, Largest) is not { } left || FormReading.Whole(y, 0, Largest) is not { } top
                || FormReading.Whole(width, Smallest, Largest) is not { } wide || FormReading.Whole(height, Smallest, Largest) is not { } high || places.Exists(place => place.Building == building))
                return null;
            places.Add(new BuildingPlace(building, left, top, wide, high));
        }
        return places.Count <= Largest ? places : null;
    }

    public static Html Of(Visit visit, IReadOnlyList<BuildingPlace> places, IReadOnlyList<FileSummary> open)
    {
        if (places.Count == 0)
            return Html.Of($"""<p class="soft">{visit.Say("尚无楼栋：导入居民名单，或上传楼栋位置。", "No buildings yet: import a list of residents, or upload where they stand.")}</p>""");
        var files = open.ToLookup(file => file.Building);
        var (width, height) = (places.Max(place => place.X + place.Width) + BuildingPlaces.Gap, places.Max(place => place.Y + place.Height) + BuildingPlaces.Gap);
        return Html.Of(
            $"""
            <svg class="plan" viewBox="0 0 {width} {height}" role="img" aria-label="{visit.Say("小区平面图：每栋楼的在管人数与缺测人数", "Plan of the estate: files and missing measures of each building")}">
            {places.Select(place => Building(visit, place, [.. files[place.Building]]))}
            </svg>
            """);
    }

    private static Html Building(Visit visit, BuildingPlace place, IReadOnlyList<FileSummary> files)
    {
        var missing = files.Count(file => file.MissingSince is not null);
        var state = missing > 0 ? "late" : files.Count > 0 ? "watched" : "calm";
        var middle = place.X + (place.Width / 2);
        return Html.Of(
            $"""
            <g class="building {state}"><rect x="{place.X}" y="{place.Y}" width="{place.Width}" height="{place.Height}" rx="6"/>
            <text x="{middle}" y="{place.Y + 30}" text-anchor="middle" class="name">{place.Building}</text>
            <text x="{middle}" y="{place.Y + 58}" text-anchor="middle">{(files.Count > 0 ? visit.Say($"在管 {files.Count}", $"{files.Count} open") : "")}</text>
            <text x="{middle}" y="{place.Y + 80}" text-anchor="middle">{(missing > 0 ? visit.Say($"缺测 {missing}", $"{missing} missing") : "")}</text></g>
            """);
    }
}

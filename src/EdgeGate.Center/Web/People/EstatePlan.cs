using EdgeGate.Center.Database;
using EdgeGate.Center.People;
using EdgeGate.Center.Web.Frame;
using Npgsql;

namespace EdgeGate.Center.Web.People;

/// <summary>Where a building stands on the picture, in steps of the picture's own grid.</summary>
internal sealed record BuildingPlace(string Building, int X, int Y, int Width, int Height);

/// <summary>The estate as a picture: each building a rectangle with how many files are open in it and how many measures are missing.</summary>
internal static class EstatePlan
{
    private const int Smallest = 40, Largest = 2000;
    private const int PerRow = 6, Side = 120, Gap = 24;

    /// <summary>What somebody laid out, as one text; empty where nobody did.</summary>
    public static async Task<string> LaidOutAsync(NpgsqlDataSource database, string site, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await LaidOutAsync(connection, site, cancellationToken);
    }

    /// <summary>As somebody laid them out; buildings without a place, or all where nobody did, in rows.</summary>
    public static async Task<IReadOnlyList<BuildingPlace>> PlacesAsync(NpgsqlDataSource database, string site, IEnumerable<string> buildings, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var places = await connection.Sql("select building, x, y, width, height from building_place where site = $1 order by building", site)
            .ListAsync(row => new BuildingPlace(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4)), cancellationToken);
        var known = await connection.Sql("select distinct building from register_entry where site = $1 and register = 'residents' and building <> ''", site).ListAsync(row => row.GetString(0), cancellationToken);
        var below = places.Select(place => place.Y + place.Height + Gap).DefaultIfEmpty(Gap).Max();
        var unplaced = known.Concat(buildings).Where(building => building.Length > 0).Distinct(StringComparer.Ordinal).Except(places.Select(place => place.Building)).Order(new BuildingOrder());
        places.AddRange(unplaced.Index().Select(item => new BuildingPlace(item.Item, Gap + (item.Index % PerRow * (Side + Gap)), below + (item.Index / PerRow * (Side + Gap)), Side, Side)));
        return places;
    }

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

    /// <summary>In place of those before.</summary>
    /// <param name="was">As <see cref="LaidOutAsync(NpgsqlDataSource, string, CancellationToken)"/> told it when this was drawn.</param>
    /// <returns>False when somebody has laid them out otherwise since: nothing is changed then.</returns>
    public static async Task<bool> PlaceAsync(NpgsqlDataSource database, string site, string was, IReadOnlyList<BuildingPlace> places, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql("lock table building_place in share row exclusive mode").RunAsync(cancellationToken); // one after the other, and still read by all
        if (await LaidOutAsync(connection, site, cancellationToken) != was)
            return false;
        await connection.Sql("delete from building_place where site = $1", site).RunAsync(cancellationToken);
        await connection.Sql(
            "insert into building_place (site, building, x, y, width, height) select $1, * from unnest($2, $3, $4, $5, $6)", site, places.Select(place => place.Building).ToArray(),
            places.Select(place => place.X).ToArray(), places.Select(place => place.Y).ToArray(), places.Select(place => place.Width).ToArray(), places.Select(place => place.Height).ToArray()).RunAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<string> LaidOutAsync(NpgsqlConnection connection, string site, CancellationToken cancellationToken) =>
        await connection.Sql("select string_agg(concat_ws(' ', building, x, y, width, height), ', ' order by building) from building_place where site = $1", site).ScalarAsync<string>(cancellationToken) ?? "";

    public static Html Of(Visit visit, IReadOnlyList<BuildingPlace> places, IReadOnlyList<FileSummary> open)
    {
        if (places.Count == 0)
            return Html.Of($"""<p class="soft">{visit.Say("尚无楼栋：导入居民名单，或上传楼栋位置。", "No buildings yet: import a list of residents, or upload where they stand.")}</p>""");
        var files = open.ToLookup(file => file.Building);
        var (width, height) = (places.Max(place => place.X + place.Width) + Gap, places.Max(place => place.Y + place.Height) + Gap);
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

    /// <summary>10 after 9.</summary>
    private sealed class BuildingOrder : IComparer<string>
    {
        public int Compare(string? one, string? other) => one!.Length != other!.Length ? one.Length - other.Length : string.CompareOrdinal(one, other);
    }
}

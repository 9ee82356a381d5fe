using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.People;

/// <summary>Where a building stands on the picture, in steps of the picture's own grid.</summary>
internal sealed record BuildingPlace(string Building, int X, int Y, int Width, int Height);

/// <summary>Where the buildings of a site stand on its picture.</summary>
internal sealed class BuildingPlaces(NpgsqlDataSource database)
{
    /// <summary>Between buildings that nobody placed, and how large these are.</summary>
    public const int Gap = 24;
    private const int PerRow = 6, Side = 120;

    /// <summary>What somebody laid out, as one text; empty where nobody did.</summary>
    public async Task<string> LaidOutAsync(string site, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await LaidOutAsync(connection, site, cancellationToken);
    }

    /// <summary>As somebody laid them out; buildings without a place, or all where nobody did, in rows.</summary>
    public async Task<IReadOnlyList<BuildingPlace>> PlacesAsync(string site, IEnumerable<string> buildings, CancellationToken cancellationToken)
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

    /// <summary>In place of those before.</summary>
    /// <param name="was">As <see cref="LaidOutAsync(string, CancellationToken)"/> told it when this was drawn.</param>
    /// <returns>False when somebody has laid them out otherwise since: nothing is changed then.</returns>
    public async Task<bool> PlaceAsync(string site, string was, IReadOnlyList<BuildingPlace> places, CancellationToken cancellationToken)
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

    /// <summary>10 after 9.</summary>
    private sealed class BuildingOrder : IComparer<string>
    {
        public int Compare(string? one, string? other) => one!.Length != other!.Length ? one.Length - other.Length : string.CompareOrdinal(one, other);
    }
}

using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Tracing;
using EdgeGate.Messages.Privacy;
using Npgsql;
using NpgsqlTypes;

namespace EdgeGate.Center.Registers;

/// <summary>
/// Who lives where, for tracing. Read from CSV with the columns <c>id_number</c>, <c>name</c> and <c>unit</c>; the number becomes the person's key and
/// the name its masked form before anything is kept.
/// </summary>
internal sealed class ResidentList(NpgsqlDataSource database, Audit audit)
{
    private const int LongestLine = 1000, MostFaults = 50;
    private static readonly string[] Columns = ["id_number", "name", "unit"];

    private sealed record Resident(byte[] Person, string MaskedName, string Unit);

    /// <summary>Puts this list in place of the site's list before; when a line is wrong nothing changes.</summary>
    /// <returns>How many residents there are now, or what is wrong, a line each, without what stands in it.</returns>
    public async Task<(int Residents, IReadOnlyList<string> Faults)> ReplaceAsync(TextReader csv, string site, PersonKeys keys, Asker asker, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        var residents = new Dictionary<string, Resident>();
        if (CsvLine.Split(await csv.ReadLineAsync(cancellationToken) ?? "") is not { } head || !head.SequenceEqual(Columns))
            return (0, [$"line 1: the columns must be {string.Join(',', Columns)}"]);
        for (var number = 2; await csv.ReadLineAsync(cancellationToken) is { } line && faults.Count < MostFaults; number++)
        {
            if (line.Length == 0)
                continue;
            if (line.Length > LongestLine || CsvLine.Split(line) is not [var id, var name, var unit])
                faults.Add($"line {number}: it has not {Columns.Length} columns");
            else if (!CitizenNumber.TryParse(id.Trim(), out var citizen) || !citizen.HasValidCheckDigit)
                faults.Add($"line {number}: the ID number is none, or its check digit is wrong");
            else if (name.Trim().Length is 0 or > 64 || unit.Trim().Length is 0 or > 64 || line.Contains('\0', StringComparison.Ordinal))
                faults.Add($"line {number}: name and unit must be 1 to 64 characters");
            else if (!residents.TryAdd(citizen.Value, new(System.Buffers.Text.Base64Url.DecodeFromChars(keys.KeyOfIdNumber(citizen.Value)), MaskedName.Of(name.Trim())!, unit.Trim())))
                faults.Add($"line {number}: the same person stands in an earlier line");
        }
        if (faults.Count > 0)
            return (0, faults);
        await WriteAsync(site, residents.Values, asker, cancellationToken);
        return (residents.Count, []);
    }

    private async Task WriteAsync(string site, IReadOnlyCollection<Resident> residents, Asker asker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql("delete from resident where site = $1", site).RunAsync(cancellationToken);
        await using (var rows = await connection.BeginBinaryImportAsync("copy resident (site, person, masked_name, unit, building) from stdin (format binary)", cancellationToken))
        {
            foreach (var resident in residents)
            {
                await rows.StartRowAsync(cancellationToken);
                await rows.WriteAsync(site, NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync(resident.Person, NpgsqlDbType.Bytea, cancellationToken);
                await rows.WriteAsync(resident.MaskedName, NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync(resident.Unit, NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync(UnitName.BuildingOf(resident.Unit), NpgsqlDbType.Text, cancellationToken);
            }
            await rows.CompleteAsync(cancellationToken);
        }
        await audit.WriteAsync(connection, asker, "replace-residents", new { site }, residents.Count, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}

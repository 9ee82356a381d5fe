namespace EdgeGate.Service.Settings;

/// <summary>Lanes and devices with where they stand in the file, as messages name them.</summary>
internal static class SettingsPaths
{
    public static IEnumerable<(string Path, LaneSettings Lane)> LanesOf(GateSettings settings) =>
        settings.Lanes.Select((lane, index) => ($"lanes[{index}]", lane));

    public static IEnumerable<(string Path, DeviceSettings Device)> DevicesOf(GateSettings settings)
    {
        foreach (var (path, lane) in LanesOf(settings))
        {
            foreach (var (index, reader) in lane.Readers.Index())
                yield return ($"{path}.readers[{index}]", reader);
            if (lane.Thermometer is not null)
                yield return ($"{path}.thermometer", lane.Thermometer);
            yield return ($"{path}.portal", lane.Portal);
        }
    }
}

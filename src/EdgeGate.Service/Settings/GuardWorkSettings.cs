using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeGate.Service.Settings;

internal sealed record RoundSettings
{
    [Count(0, 200), Description("Places where guards patrol and disinfect; \"edgegate rounds sheet\" prints a code for each.")]
    public IReadOnlyList<RoundPlaceSettings> Places { get; init; } = [];
}

internal sealed record RoundPlaceSettings
{
    [Id, Description("Short name; stands in records and in the code at the place.")]
    public required string Id { get; init; }

    [StringLength(40, MinimumLength = 1), Description("What guards call the place.")]
    public required string Name { get; init; }

    [StringLength(32, MinimumLength = 1), Description("The building it belongs to, written as residents' units begin, so that they see when it was last disinfected.")]
    public string? Building { get; init; }

    [Duration("00:05:00", "31.00:00:00"), Description("How often somebody must have been there; leave it out where nobody must.")]
    public TimeSpan? PatrolEvery { get; init; }

    [Duration("00:05:00", "31.00:00:00"), Description("How often it must be disinfected; leave it out where it need not.")]
    public TimeSpan? DisinfectionEvery { get; init; }
}

internal sealed record DeliverySettings
{
    [Duration("00:00:00", "1.00:00:00"), Description("How long a delivery stands after it was disinfected, before it may be collected.")]
    public TimeSpan Standing { get; init; } = TimeSpan.FromMinutes(30);

    [Count(1, 100), Description("The shelves of the hand-over area, one for each building.")]
    public required IReadOnlyList<ShelfSettings> Shelves { get; init; }
}

internal sealed record ShelfSettings
{
    [StringLength(32, MinimumLength = 1), Description("The building, written as residents' units begin.")]
    public required string Building { get; init; }

    [Range(1, 200), Description("How many places the shelf has, numbered from 1.")]
    public int Slots { get; init; } = 12;
}

internal sealed record VisitorPassSettings
{
    [SecretFile, Description("Private key (PEM) that signs visitors' passes; its public half goes into healthCodes.passKeyFiles.")]
    public required string KeyFile { get; init; }

    [Duration("00:10:00", "31.00:00:00"), Description("How long a visitor's pass is good.")]
    public TimeSpan GoodFor { get; init; } = TimeSpan.FromHours(12);
}

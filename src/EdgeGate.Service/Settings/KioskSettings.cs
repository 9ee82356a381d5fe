using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeGate.Service.Settings;

internal enum KioskLanguage
{
    Zh,
    En,
}

internal sealed record KioskSettings
{
    [Description("The language that leads on the screen and speaks; the other stands below it, and a touch changes them for a while.")]
    public KioskLanguage Language { get; init; }

    [Description("Spoken prompts; leave it out for a silent kiosk.")]
    public VoiceSettings? Voice { get; init; }

    [Description("Hours in which a screen that nobody uses is dark; leave it out for a screen that stays bright.")]
    public HoursSettings? Night { get; init; }
}

internal sealed record VoiceSettings
{
    [Range(0, 100), Description("How loud, in percent.")]
    public int Volume { get; init; } = 70;

    [Description("Hours in which it speaks more quietly or not at all.")]
    public HoursSettings? Quiet { get; init; }

    [Range(0, 100), Description("How loud in the quiet hours, in percent.")]
    public int QuietVolume { get; init; }
}

internal sealed record HoursSettings
{
    [Description("From this time of day.")]
    public required TimeOnly From { get; init; }

    [Description("Until this one; an earlier one is that of the next day.")]
    public required TimeOnly To { get; init; }

    public bool Contains(DateTime at) => TimeOnly.FromDateTime(at).IsBetween(From, To);
}

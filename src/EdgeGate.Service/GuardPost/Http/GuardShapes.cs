using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using EdgeGate.Access;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.GuardPost.Http;

/// <summary>What the page sends to sign in.</summary>
internal sealed record SignInForm(string? Guard, string? Secret);

/// <summary>For what needs no more than being asked for.</summary>
internal sealed record EmptyForm;

/// <param name="FormToken">Sent back in the header <see cref="GuardApi.FormTokenHeader"/> with everything that changes something.</param>
/// <param name="CameraModule">Whether phones that read no codes themselves find a module for it here.</param>
/// <param name="PrintsPasses">Whether passes are made for visitors here.</param>
/// <param name="Rounds">Whether there are places to go to.</param>
/// <param name="Deliveries">The buildings of the hand-over area; empty where there is none.</param>
internal sealed record SessionAnswer(string Guard, GuardRole Role, string FormToken, bool CameraModule, bool PrintsPasses, bool Rounds, IReadOnlyList<string> Deliveries);

/// <summary>To nobody in particular.</summary>
/// <param name="NoAccounts">Nobody can sign in yet: an installer must make the first account.</param>
internal sealed record NobodyAnswer(bool NoAccounts);

/// <summary>Why not: a word for which the page has sentences.</summary>
/// <param name="Wait">Seconds until it may be tried again.</param>
/// <param name="By">Who did it already.</param>
/// <param name="End">How a case ended that is no more.</param>
internal sealed record RefusedAnswer(string Error, double? Wait = null, string? By = null, CaseEnd? End = null);

/// <summary>The JSON between the page and the gate: camelCase members, kebab-case words, nulls left out, Chinese as itself.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 8,
    Converters = [typeof(Word<GuardRole>), typeof(Word<Direction>), typeof(Word<PortalMode>), typeof(Word<KioskFace>), typeof(Word<CaseEnd>), typeof(Word<VisitorState>),
        typeof(Word<RoundTask>), typeof(Word<DeliveryState>)])]
[JsonSerializable(typeof(SignInForm))]
[JsonSerializable(typeof(EmptyForm))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(NobodyAnswer))]
[JsonSerializable(typeof(RefusedAnswer))]
[JsonSerializable(typeof(BoardPicture))]
[JsonSerializable(typeof(AnswerForm))]
[JsonSerializable(typeof(OpenForm))]
[JsonSerializable(typeof(ModeForm))]
[JsonSerializable(typeof(CountForm))]
[JsonSerializable(typeof(DoneAnswer))]
[JsonSerializable(typeof(RegisterForm))]
[JsonSerializable(typeof(VouchForm))]
[JsonSerializable(typeof(ExpectForm))]
[JsonSerializable(typeof(LeftForm))]
[JsonSerializable(typeof(FindForm))]
[JsonSerializable(typeof(ScanForm))]
[JsonSerializable(typeof(VisitorsPicture))]
[JsonSerializable(typeof(FoundPicture))]
[JsonSerializable(typeof(PassForm))]
[JsonSerializable(typeof(PassPicture))]
[JsonSerializable(typeof(RoundForm))]
[JsonSerializable(typeof(RoundsPicture))]
[JsonSerializable(typeof(DeliveryForm))]
[JsonSerializable(typeof(DeliveryStepForm))]
[JsonSerializable(typeof(DeliveriesPicture))]
[JsonSerializable(typeof(NoteForm))]
[JsonSerializable(typeof(ShiftPicture))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class GuardShapes : JsonSerializerContext;

internal static class GuardJson
{
    public static GuardShapes Shapes { get; } = new(new JsonSerializerOptions(GuardShapes.Default.Options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) });
}

internal sealed class Word<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

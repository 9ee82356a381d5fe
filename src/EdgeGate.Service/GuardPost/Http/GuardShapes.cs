using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.GuardPost.Http;

/// <summary>What the page sends to sign in.</summary>
internal sealed record SignInForm(string? Guard, string? Secret);

/// <summary>For what needs no more than being asked for.</summary>
internal sealed record EmptyForm;

/// <param name="FormToken">Sent back in the header <see cref="GuardApi.FormTokenHeader"/> with everything that changes something.</param>
internal sealed record SessionAnswer(string Guard, GuardRole Role, string FormToken);

/// <summary>Why not: a word for which the page has sentences.</summary>
/// <param name="Wait">Seconds until it may be tried again.</param>
/// <param name="By">Who did it already.</param>
internal sealed record RefusedAnswer(string Error, double? Wait = null, string? By = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 8,
    Converters = [typeof(Word<GuardRole>)])]
[JsonSerializable(typeof(SignInForm))]
[JsonSerializable(typeof(EmptyForm))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(RefusedAnswer))]
internal sealed partial class GuardShapes : JsonSerializerContext;

internal sealed class Word<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

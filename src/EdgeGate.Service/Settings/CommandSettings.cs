using System.ComponentModel;

namespace EdgeGate.Service.Settings;

internal sealed record CommandSettings
{
    [Count(0, 16), Description("Keys whose signed commands this gate obeys; without any it takes no commands. While a key is replaced both stand here.")]
    public IReadOnlyList<CommandKeySettings> Keys { get; init; } = [];
}

internal sealed record CommandKeySettings
{
    [Id, Description("Short name of the key, as the signer writes it into each command.")]
    public required string Id { get; init; }

    [AbsolutePath, Description("Its public half (PEM, curve P-256); \"edgegate command keygen\" makes a pair.")]
    public required string PublicKeyFile { get; init; }

    [Description("First day on which its commands are obeyed.")]
    public DateOnly? NotBefore { get; init; }

    [Description("Last day on which its commands are obeyed.")]
    public DateOnly? NotAfter { get; init; }
}

namespace EdgeGate.HealthCodes.Providers;

/// <summary>A provider's settings cannot be used; the message says why.</summary>
public sealed class ProviderOptionsException(string message, Exception? inner = null) : Exception(message, inner);

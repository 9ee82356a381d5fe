namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>An expression is invalid, was given values it cannot work on, or went over a limit. The message says which, in words.</summary>
public sealed class CertLogicException(string message, Exception? inner = null) : Exception(message, inner);
